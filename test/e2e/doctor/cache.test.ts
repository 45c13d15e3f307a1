import { ensureCluster } from '../../cluster/cluster.ts';
import { testPlants } from '../support/doctor/plant.ts';
import { CACHE_PLANTS } from '../support/doctor/faults/cache.ts';

testPlants('cache', await ensureCluster(), CACHE_PLANTS);
