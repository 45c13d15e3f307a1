import { ensureCluster } from '../../cluster/cluster.ts';
import { testPlants } from '../support/doctor/plant.ts';
import { SCHEDULE_PLANTS } from '../support/doctor/faults/schedule.ts';

testPlants('schedule', await ensureCluster(), SCHEDULE_PLANTS);
