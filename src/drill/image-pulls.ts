import type { KubeClient } from '../kube/client.ts';
import { isForbidden } from '../kube/inventory.ts';
import { stringAt } from '../model/json/json.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';

/** How long images were pulled for, and whether all of them lay on their nodes before. */
export interface ImagePulls {
  /** Of the pod that waited longest; 0 where none was pulled. */
  seconds: number;
  /** undefined: no event tells of any. */
  present: boolean | undefined;
}

/** The kubelet's events of a namespace; undefined where they may not be listed. */
export async function readImagePulls(kube: KubeClient, namespace: string): Promise<ImagePulls | undefined> {
  try {
    const type = (await kube.resourceType('v1', 'Event'))!;
    return imagePulls(await kube.list(type, { namespace, fieldSelector: 'reason=Pulled' }));
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return undefined;
  }
}

/** Of events with the reason "Pulled" (k8s.io/kubernetes/pkg/kubelet/images/image_manager.go). Pure. */
export function imagePulls(events: readonly KubeObject[]): ImagePulls {
  const byPod = new Map<string, number>();
  let present = 0;
  for (const event of events) {
    const message = stringAt(event, 'message') ?? '';
    const [, duration] =
      /^Successfully pulled image .* in ((?:\d+(?:\.\d+)?(?:h|ms|µs|us|ns|m|s))+)/.exec(message) ?? [];
    if (/already present on machine/.test(message)) present++;
    if (duration === undefined) continue;
    const pod = stringAt(event, 'involvedObject', 'name') ?? '';
    byPod.set(pod, (byPod.get(pod) ?? 0) + goSeconds(duration));
  }
  const isTold = byPod.size + present > 0;
  return { seconds: Math.max(0, ...byPod.values()), present: isTold ? byPod.size === 0 : undefined };
}

const UNIT_SECONDS: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, µs: 1e-6, us: 1e-6, ns: 1e-9 };

/** A duration as Go prints it (time.Duration.String): "1m2.5s". */
function goSeconds(text: string): number {
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(h|ms|µs|us|ns|m|s)/g);
  return [...parts].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNIT_SECONDS[unit ?? ''] ?? 0),
    0,
  );
}
