import { DRILL_LABEL } from '../model/drill/harmless-object.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';

/**
 * The NetworkPolicy under which a drill's pods run: nothing gets in and nothing out, where the cluster's network heeds policies. The
 * proof comes by port-forward, which the kubelet makes within the pod's own network (k8s.io/cri-api, PortForward).
 * @param ofAll every pod of the namespace, which is the drill's own; else those of the drill.
 */
export function shutInPolicy(namespace: string, id: string, ofAll: boolean): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `drill-${id.toLowerCase()}`, namespace, labels: { [DRILL_LABEL]: id } },
    spec: {
      podSelector: ofAll ? {} : { matchLabels: { [DRILL_LABEL]: id } },
      policyTypes: ['Ingress', 'Egress'],
    },
  };
}
