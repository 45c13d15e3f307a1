import type { KubeClient } from '../../kube/client.ts';
import { isForbidden } from '../../kube/inventory.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';
import type { Plan } from '../../model/plan/plan.ts';
import type { NamespaceLimits } from './head-room.ts';

/** ResourceQuotas and LimitRanges of the namespace, and what of them could not be read. */
export interface PodLimits extends NamespaceLimits {
  unread: Plan['unchecked'];
}

export const NO_LIMITS: PodLimits = { quotas: [], ranges: [], unread: [] };

/** Reads what may keep pods from being created. A permission that is missing for it stops nothing. */
export async function readPodLimits(kube: KubeClient, namespace: string): Promise<PodLimits> {
  const unread: PodLimits['unread'] = [];
  const list = async (kind: 'ResourceQuota' | 'LimitRange'): Promise<KubeObject[]> => {
    const type = (await kube.resourceType('v1', kind))!;
    try {
      return await kube.list(type, { namespace });
    } catch (error) {
      if (!isForbidden(error)) throw error;
      unread.push({ what: type.plural, why: 'they may not be listed' });
      return [];
    }
  };
  const [quotas, ranges] = await Promise.all([list('ResourceQuota'), list('LimitRange')]);
  return { quotas, ranges, unread };
}
