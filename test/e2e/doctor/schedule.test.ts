import { ensureCluster } from '../../cluster/cluster.ts';
import { testFaults } from '../support/doctor/cluster-fault.ts';
import { SCHEDULE_FAULTS } from '../support/doctor/faults/schedule.ts';

testFaults('schedule', await ensureCluster(), SCHEDULE_FAULTS);
