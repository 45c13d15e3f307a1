import { ensureCluster } from '../../cluster/cluster.ts';
import { testFaults } from '../support/doctor/cluster-fault.ts';
import { ROLLOUT_FAULTS } from '../support/doctor/faults/rollout.ts';

testFaults('rollout', await ensureCluster(), ROLLOUT_FAULTS);
