import { finding } from '../catalogue.ts';
import type { AreaCheck } from '../ward.ts';

/** Can the cluster be reached, and may you, and the backup's service account, do what the commands need? */
export const accessCheck: AreaCheck = {
  area: 'access',
  kinds: [],
  examine: async ({ kube, serverVersion }) => [
    finding('MB100', { summary: `${kube.server} answers, Kubernetes ${serverVersion}` }),
  ],
};
