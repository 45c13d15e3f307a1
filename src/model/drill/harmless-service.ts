import { isObject, type JsonObject } from '../json/json.ts';

/** core/v1 ServiceSpec: what asks a cloud, or every node, for something outside the namespace. */
const OUTSIDE = [
  'loadBalancerIP',
  'loadBalancerClass',
  'loadBalancerSourceRanges',
  'externalIPs',
  'externalName',
  'externalTrafficPolicy',
  'healthCheckNodePort',
  'allocateLoadBalancerNodePorts',
] as const;

/** Of those, what is worth a word: the others mean nothing without them. */
const TOLD = new Set<string>(['loadBalancerIP', 'loadBalancerClass', 'externalIPs']);

/**
 * Makes a Service, whose spec is changed, one that only the namespace can reach: ClusterIP, at addresses that the cluster chooses.
 * A headless one stays headless.
 * @returns what was changed, a clause each.
 */
export function tameService(spec: JsonObject): string[] {
  const type = typeof spec.type === 'string' ? spec.type : 'ClusterIP';
  const changes = type === 'ClusterIP' ? [] : [`type ClusterIP instead of ${type}`];
  if (type !== 'ClusterIP') spec.type = 'ClusterIP';
  if (spec.clusterIP !== 'None') {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  }
  for (const field of OUTSIDE) {
    const value = spec[field];
    delete spec[field];
    const isEmpty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
    if (!isEmpty && TOLD.has(field)) changes.push(`without ${field} ${textOf(value)}`);
  }
  for (const port of Array.isArray(spec.ports) ? spec.ports.filter(isObject) : []) {
    const { nodePort } = port;
    delete port.nodePort;
    if (nodePort !== undefined && type === 'NodePort') changes.push(`without nodePort ${String(nodePort)}`);
  }
  return changes;
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(', ') : String(value);
}
