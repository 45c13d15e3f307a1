import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOX_PATH, NODE_IP, type NodePlan, SERVICE_NETWORK } from './plan.ts';

const HYBRID = '/sys/fs/cgroup/unified';

/**
 * Moves this process into a root file system of its own: memory, plus the unpacked packages and the built programs,
 * read-only. Called in fresh mount, pid and network namespaces. Whatever the components mount, write or add to
 * the network from here on, this machine never sees it, and it is gone with the last process.
 */
export function moveIn(plan: NodePlan): void {
  const root = join(plan.state, 'node');
  mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', root);
  const at = (path: string) => {
    mkdirSync(join(root, path), { recursive: true });
    return join(root, path);
  };
  readOnly(join(plan.packagesRoot, 'usr'), at('usr'));
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${name}`, join(root, name));
  readOnly(plan.kubernetes, at('opt/kubernetes'));
  readOnly(plan.etcd, at('opt/etcd'));
  readOnly(plan.imagesFolder, at('opt/images'));
  mount('--bind', plan.state, at('state'));
  mount('-t', 'proc', 'proc', at('proc'));
  mount('--rbind', '/sys', at('sys'));
  mount('--rbind', '/dev', at('dev'));
  for (const folder of ['etc', 'old', 'root', 'run', 'var/lib', 'var/log', 'opt/busybox', 'opt/iptables'])
    at(folder);
  chmodSync(at('tmp'), 0o1777);
  hideKernelSettings(root);
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
  writeFileSync(join(root, 'etc/resolv.conf'), '');

  // pivot_root(2) also moves every process of this mount namespace whose root was the old root: us.
  process.chdir(root);
  execFileSync('pivot_root', ['.', 'old'], { stdio: 'inherit' });
  process.chdir('/');
  // Memory for processor time: the API server would spend a fifth of its own on collecting garbage.
  process.env = { PATH: BOX_PATH, HOME: '/root', GOGC: '400' };
  execFileSync('umount', ['-n', '-l', '/old'], { stdio: 'inherit' });
  // crun refuses version 2 of control groups beside version 1; where there is 2 alone, it is /sys/fs/cgroup itself.
  if (existsSync(HYBRID)) execFileSync('umount', ['-n', '-l', HYBRID], { stdio: 'inherit' });
  // A shell and the usual tools, for whoever looks around in the box.
  execFileSync('busybox', ['--install', '-s', '/opt/busybox'], { stdio: 'inherit' });
}

/**
 * The kubelet sets these for the whole machine if they differ (setupKernelTunables in pkg/kubelet/cm). It reads
 * the values it wants and leaves the machine's alone.
 */
function hideKernelSettings(root: string): void {
  const wanted = {
    'vm/overcommit_memory': '1',
    'vm/panic_on_oom': '0',
    'kernel/panic': '10',
    'kernel/panic_on_oops': '1',
    'kernel/keys/root_maxkeys': '1000000',
    'kernel/keys/root_maxbytes': '25000000',
  };
  mkdirSync(join(root, 'etc/kernel-settings'));
  for (const [name, value] of Object.entries(wanted)) {
    const file = join(root, 'etc/kernel-settings', name.replaceAll('/', '.'));
    writeFileSync(file, `${value}\n`);
    mount('--bind', file, join(root, 'proc/sys', name));
  }
}

/** The box's own network: a loopback, and a bridge that carries the node's address. */
export function setUpNetwork(): void {
  const ip = (...args: string[]) => execFileSync('busybox', ['ip', ...args], { stdio: 'inherit' });
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'mbnode0', 'type', 'bridge');
  ip('addr', 'add', `${NODE_IP}/32`, 'dev', 'mbnode0');
  ip('link', 'set', 'mbnode0', 'up');
  // Without a route, a connection from the node to a Service fails before kube-proxy's rules are asked.
  ip('route', 'add', SERVICE_NETWORK, 'dev', 'mbnode0');
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  // "Port unreachable" answers every look-up of a pod, not one a second (icmp_ratelimit in the kernel's ip-sysctl).
  writeFileSync('/proc/sys/net/ipv4/icmp_ratelimit', '0');
  const bridged = '/proc/sys/net/bridge/bridge-nf-call-iptables';
  if (existsSync(bridged)) writeFileSync(bridged, '1');
  linkIptables();
}

/** Debian chooses between two kernel interfaces when the package is installed; we ask the kernel which it has. */
function linkIptables(): void {
  const works = (flavour: string) => {
    try {
      execFileSync(`iptables-${flavour}`, ['-t', 'nat', '-N', 'PROBE'], { stdio: 'ignore' });
      execFileSync(`iptables-${flavour}`, ['-t', 'nat', '-X', 'PROBE'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  const flavour = works('nft') ? 'nft' : 'legacy';
  for (const family of ['iptables', 'ip6tables']) {
    for (const action of ['', '-save', '-restore']) {
      symlinkSync(`/usr/sbin/${family}-${flavour}${action}`, `/opt/iptables/${family}${action}`);
    }
  }
}

function readOnly(source: string, target: string): void {
  mount('--bind', source, target);
  mount('-o', 'remount,bind,ro', target);
}

function mount(...args: string[]): void {
  // -n: the box's mounts are not this machine's business, so no note of them in its /run/mount/utab.
  execFileSync('mount', ['-n', ...args], { stdio: 'inherit' });
}
