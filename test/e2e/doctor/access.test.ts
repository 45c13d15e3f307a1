import { ensureCluster } from '../../cluster/cluster.ts';
import { testPlants } from '../support/doctor/plant.ts';
import { ACCESS_PLANTS } from '../support/doctor/faults/access.ts';

testPlants('access', await ensureCluster(), ACCESS_PLANTS);
