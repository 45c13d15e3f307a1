import type { KubeClient } from '../../kube/client.ts';
import { isForbidden } from '../../kube/inventory.ts';
import { eventsOf } from '../../model/kubernetes/event.ts';
import { displayName, type KubeObject, refOf, uidOf } from '../../model/kubernetes/object.ts';

/**
 * Why a StatefulSet or a DaemonSet can't make a pod (a quota, an admission webhook), in the server's words: their
 * status has no condition for it as a Deployment's has, so only the controller's events tell
 * (k8s.io/kubernetes/pkg/controller/statefulset/stateful_pod_control.go, recordPodEvent). Empty where events may
 * not be listed.
 */
export async function refusedPods(kube: KubeClient, workload: KubeObject): Promise<string[]> {
  const ref = refOf(workload);
  const uid = uidOf(workload) ?? '';
  const type = (await kube.resourceType('v1', 'Event'))!;
  const fieldSelector = `involvedObject.uid=${uid},reason=FailedCreate`;
  try {
    const events = await kube.list(type, { namespace: ref.namespace ?? '', fieldSelector });
    const [newest] = eventsOf(events, ref, uid);
    return newest === undefined ? [] : [`${displayName(ref)}: ${newest.message}`];
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return [];
  }
}
