import { arrayAt, type Json, numberAt, objectAt, stringAt, valueAt } from '../../model/json/json.ts';
import { labelSelectorPicks } from '../../model/kubernetes/label-selector.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';

/** Who may reach a pod: anybody, whatever runs in the cluster, or only whom a policy names. */
export type Reach = 'everyone' | 'cluster' | 'named';

/** A port of a pod, by both of its names. */
export interface PodPort {
  number: number;
  name: string | undefined;
}

/**
 * Who may reach a TCP port of a pod, by the NetworkPolicies of its namespace
 * (https://kubernetes.io/docs/concepts/services-networking/network-policies/): without one that selects the
 * pod for ingress everybody, else whom any of them lets in. Whether the cluster's network enforces them, nobody
 * can read off.
 */
export function reachOf(pod: KubeObject, port: PodPort, policies: readonly KubeObject[]): Reach {
  const selecting = policies.filter((policy) => {
    const types = arrayAt(policy, 'spec', 'policyTypes');
    const isIngress = types.length === 0 || types.includes('Ingress');
    return isIngress && labelSelectorPicks(objectAt(policy, 'spec', 'podSelector') ?? {}, pod);
  });
  if (selecting.length === 0) return 'everyone';
  const reaches = selecting
    .flatMap((policy) => arrayAt(policy, 'spec', 'ingress'))
    .filter((rule) => concerns(rule, port))
    .flatMap(reachesOf);
  if (reaches.includes('everyone')) return 'everyone';
  return reaches.includes('cluster') ? 'cluster' : 'named';
}

function concerns(rule: Json, { number, name }: PodPort): boolean {
  const ports = arrayAt(rule, 'ports');
  return (
    ports.length === 0 ||
    ports.some((entry) => {
      if ((stringAt(entry, 'protocol') ?? 'TCP') !== 'TCP') return false;
      if (valueAt(entry, 'port') === undefined) return true;
      const first = numberAt(entry, 'port');
      if (first === undefined) return stringAt(entry, 'port') === name;
      return first <= number && number <= (numberAt(entry, 'endPort') ?? first);
    })
  );
}

function reachesOf(rule: Json): Reach[] {
  const peers = arrayAt(rule, 'from');
  return peers.length === 0 ? ['everyone'] : peers.map(reachOfPeer);
}

function reachOfPeer(peer: Json): Reach {
  const block = stringAt(peer, 'ipBlock', 'cidr');
  if (block !== undefined) return /\/0$/.test(block) ? 'everyone' : 'named';
  const picksAll = (selector: Json | undefined): boolean =>
    objectAt(selector) !== undefined &&
    Object.keys(objectAt(selector, 'matchLabels') ?? {}).length === 0 &&
    arrayAt(selector, 'matchExpressions').length === 0;
  const pods = valueAt(peer, 'podSelector');
  return picksAll(valueAt(peer, 'namespaceSelector')) && (pods === undefined || picksAll(pods))
    ? 'cluster'
    : 'named';
}
