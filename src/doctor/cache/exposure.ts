import type { Command } from '../../advice/command.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { arrayAt, numberAt, objectAt, stringAt, valueAt } from '../../model/json/json.ts';
import { displayName, type KubeObject, refOf } from '../../model/kubernetes/object.ts';
import { selects } from '../../model/kubernetes/workload.ts';
import { isLoopback, listenAddresses } from '../../model/settings/listen-address.ts';
import { finding } from '../catalogue.ts';
import { edit, kubectlAt } from '../flag-command.ts';
import { type CachedPod, setting } from './cached-pod.ts';
import { reachOf } from './network-policy.ts';
import { leadsTo, portName } from './service-port.ts';

/**
 * Who can talk to the pods of a workload without a password. memcached has none by default, and whoever reaches
 * it reads, writes and empties the cache (memcached wiki, "Security").
 * @param pods of one workload.
 * @param policies undefined where they can't be read: then nothing is said of who is let in.
 */
export function judgeExposure(
  pods: readonly CachedPod[],
  services: readonly KubeObject[] | undefined,
  policies: readonly KubeObject[] | undefined,
): Finding[] {
  const [pod] = pods;
  if (pod === undefined || policies === undefined || isGuarded(pod)) return [];
  const port = { number: pod.seen.target.port, name: portName(pod) };
  if (port.number === 0) return [];
  const reach = reachOf(pod.pod, port, policies);
  if (reach === 'named') return [];
  const ways = reach === 'everyone' ? waysIn(pod, services ?? []) : [];
  const about = [...pods.map(({ ref }) => ref), ...ways.map(({ object }) => refOf(object))];
  const common = { object: refOf(pod.workload), release: pod.release, about };
  const lock = { text: 'no authentication (-S, -Y), no client certificates (-Z)' };
  if (ways.length > 0) {
    return [
      finding('MB650', {
        ...common,
        summary: 'anybody who reaches the nodes can read, write and empty the cache',
        evidence: [...ways.map(({ text }) => ({ text })), lock, { text: policyText(policies, reach) }],
        advice: ways.map(({ fix }) => fix),
      }),
    ];
  }
  return [
    finding('MB651', {
      ...common,
      summary: 'any pod of the cluster can read, write and empty the cache',
      evidence: [lock, { text: policyText(policies, reach) }],
    }),
  ];
}

function policyText(policies: readonly KubeObject[], reach: string): string {
  return policies.length === 0
    ? 'there is no NetworkPolicy'
    : `the ${policies.length} NetworkPolicies here let ${reach === 'everyone' ? 'everybody' : 'every namespace'} in`;
}

function isGuarded(pod: CachedPod): boolean {
  const ascii = setting(pod, 'auth_enabled_ascii');
  const addresses = listenAddresses(setting(pod, 'inter') ?? '');
  return (
    setting(pod, 'auth_enabled_sasl') === 'yes' ||
    (ascii !== undefined && ascii !== 'no') ||
    (setting(pod, 'ssl_enabled') === 'yes' && Number(setting(pod, 'ssl_verify_mode') ?? 0) >= 2) ||
    (addresses.length > 0 && addresses.every(isLoopback))
  );
}

interface WayIn {
  object: KubeObject;
  text: string;
  fix: Command;
}

/** How the pod's port is open outside the cluster (Kubernetes, "Service": type, externalIPs; PodSpec). */
function waysIn(pod: CachedPod, services: readonly KubeObject[]): WayIn[] {
  const ways = services
    .filter((service) => selects(objectAt(service, 'spec', 'selector'), pod.pod) && leadsTo(service, pod))
    .flatMap(waysOfService);
  if (valueAt(pod.pod, 'spec', 'hostNetwork') === true) {
    ways.push({ object: pod.workload, text: 'hostNetwork: true', fix: edit(pod.workload) });
  } else {
    const host = arrayAt(pod.container, 'ports').find(
      (entry) =>
        (numberAt(entry, 'hostPort') ?? 0) > 0 && numberAt(entry, 'containerPort') === pod.seen.target.port,
    );
    if (host !== undefined) {
      const text = `hostPort ${numberAt(host, 'hostPort')}`;
      ways.push({ object: pod.workload, text, fix: edit(pod.workload) });
    }
  }
  return ways;
}

function waysOfService(service: KubeObject): WayIn[] {
  const name = displayName(refOf(service));
  const merge = (spec: object): Command =>
    kubectlAt(service, 'patch', name, '--type=merge', '-p', JSON.stringify({ spec }));
  const type = stringAt(service, 'spec', 'type');
  const ways: WayIn[] = [];
  const isRestricted =
    type === 'LoadBalancer' && arrayAt(service, 'spec', 'loadBalancerSourceRanges').length > 0;
  if ((type === 'LoadBalancer' || type === 'NodePort') && !isRestricted) {
    const ports = arrayAt(service, 'spec', 'ports').flatMap((port) => numberAt(port, 'nodePort') ?? []);
    const text = `${name} is of type ${type}${ports.length === 0 ? '' : `, port ${ports.join(', ')} of each node`}`;
    ways.push({ object: service, text, fix: merge({ type: 'ClusterIP' }) });
  }
  const external = arrayAt(service, 'spec', 'externalIPs');
  if (external.length > 0) {
    const text = `${name} has externalIPs ${external.join(', ')}`;
    ways.push({ object: service, text, fix: merge({ externalIPs: null }) });
  }
  return ways;
}
