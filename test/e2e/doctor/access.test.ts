import { ensureCluster } from '../../cluster/cluster.ts';
import { testFaults } from '../support/doctor/cluster-fault.ts';
import { ACCESS_FAULTS } from '../support/doctor/faults/access.ts';

testFaults('access', await ensureCluster(), ACCESS_FAULTS);
