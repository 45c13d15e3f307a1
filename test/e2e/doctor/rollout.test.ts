import { ensureCluster } from '../../cluster/cluster.ts';
import { testPlants } from '../support/doctor/plant.ts';
import { ROLLOUT_PLANTS } from '../support/doctor/faults/rollout.ts';

testPlants('rollout', await ensureCluster(), ROLLOUT_PLANTS);
