import { ensureCluster } from '../cluster/cluster.ts';
import { testRecovery } from './support/recovery/helm-kinds.ts';

testRecovery(await ensureCluster(), 'helm4');
