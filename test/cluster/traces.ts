import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { hierarchies, members } from './cgroups.ts';
import type { Instance } from './instance.ts';
import type { MachineTools } from './machine-tools.ts';

/** Places that Kubernetes, containerd and CNI plugins write to on a machine that they run on directly. */
const USUAL_PLACES = [
  '/etc/cni/net.d',
  '/etc/containerd',
  '/etc/kubernetes',
  '/opt/cni',
  '/run/containerd',
  '/run/flannel',
  '/run/mount',
  '/run/netns',
  '/tmp/hostpath_pv',
  '/usr/libexec/kubernetes',
  '/var/lib/cni',
  '/var/lib/containerd',
  '/var/lib/etcd',
  '/var/lib/kubelet',
  '/var/log/containers',
  '/var/log/pods',
];

/** Settings that the kubelet and kube-proxy change where they run directly. */
const SETTINGS = [
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'net/ipv4/conf/all/route_localnet',
  'net/ipv4/ip_forward',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
];

/** Everything on this machine that a cluster may have left or changed, one line each. */
export async function traces(instance: Instance, tools: MachineTools): Promise<string[]> {
  return [
    ...members(instance.cgroup).map((pid) => `process ${pid}`),
    ...hierarchies().flatMap((point) => groups(point, instance.cgroup)),
    ...mounts().map((mount) => `mount ${mount}`),
    ...[instance.state, instance.lock, ...USUAL_PLACES]
      .filter((path) => existsSync(path))
      .map((path) => `path ${path}`),
    ...readdirSync('/sys/class/net').map((name) => `interface ${name}`),
    ...lines(tools.ip('route')).map((route) => `route ${route}`),
    ...[4, 6].flatMap((family) => ['legacy', 'nft'].flatMap((flavour) => rules(tools, family, flavour))),
    ...SETTINGS.map((name) => `setting ${name} ${readFileSync(`/proc/sys/${name}`, 'utf8').trim()}`),
    ...((await isOpen(instance.port)) ? [`port ${instance.port}`] : []),
  ].sort();
}

function groups(point: string, group: string): string[] {
  const found = readdirSync(point, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.includes(group),
  );
  return found.filter((path) => path.endsWith(group)).map((path) => `group ${point}/${path}`);
}

function mounts(): string[] {
  const points = lines(readFileSync('/proc/self/mountinfo', 'utf8')).map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => /kube|containerd|netns|cni|memcached-backup/.test(point));
}

function rules(tools: MachineTools, family: number, flavour: string): string[] {
  const save = `${family === 4 ? 'ip' : 'ip6'}tables-save`;
  // Lines that start with # carry the time, chains carry packet counters.
  const named = lines(tools.xtables(flavour, save)).filter((line) => !line.startsWith('#'));
  return named.map((line) => `${flavour} ${save} ${line.replace(/\[\d+:\d+\]/, '')}`);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean);
}
