import { ensureCluster } from '../../cluster/cluster.ts';
import { testFaults } from '../support/doctor/cluster-fault.ts';
import { CACHE_FAULTS } from '../support/doctor/faults/cache.ts';

testFaults('cache', await ensureCluster(), CACHE_FAULTS);
