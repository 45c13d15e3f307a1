import { orUndefined } from '../errors/or-undefined.ts';
import { stringAt } from '../model/json/json.ts';
import type { KubeClient } from './client.ts';

/**
 * Who one is to the API server (SelfSubjectReview, which every authenticated user may send: Kubernetes, "Authentication
 * API"; served from 1.28 on). Undefined where it does not say.
 */
export async function ownName(kube: Pick<KubeClient, 'create'>): Promise<string | undefined> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} };
  const answer = await orUndefined(() => kube.create(review, { fieldManager: 'memcached-backup' }));
  return stringAt(answer, 'status', 'userInfo', 'username');
}
