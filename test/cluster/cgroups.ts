import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Mount points of this machine's control group hierarchies: several with version 1, one with version 2, and both
 * where systemd set up a hybrid.
 */
export function hierarchies(mountinfo = readFileSync('/proc/self/mountinfo', 'utf8')): string[] {
  // mountinfo: "id parent major:minor root mountpoint options … - type source options", see proc(5).
  const mounts = mountinfo.split('\n').map((line) => {
    const [left = '', right = ''] = line.split(' - ');
    return { point: left.split(' ')[4] ?? '', type: right.split(' ')[0] ?? '' };
  });
  const points = mounts
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ point }) => point);
  return [...new Set(points)];
}

/**
 * Makes the group in every hierarchy (the kubelet insists that its root group exists) and returns the
 * `cgroup.procs` file that a process writes itself into to be a member. It is that of a child group: with
 * version 2 only leaves may hold processes. The processes are tracked in one hierarchy, "pids", which limits
 * nothing by itself.
 */
export function makeGroup(group: string): string {
  const points = hierarchies();
  for (const point of points) {
    passControllersOn(point);
    mkdirSync(join(point, group, 'daemons'), { recursive: true });
    passControllersOn(join(point, group));
  }
  const tracking = points.find((point) => point.endsWith('/pids')) ?? points[0];
  if (!tracking) throw new Error('no control group hierarchy is mounted');
  return join(tracking, group, 'daemons', 'cgroup.procs');
}

/**
 * With version 2 a group has only the controllers that its parent passes on (cgroup.subtree_control), and the kubelet
 * takes a root group that lacks one for missing. Version 1 has no such file.
 */
function passControllersOn(folder: string): void {
  const available = join(folder, 'cgroup.controllers');
  if (!existsSync(available)) return;
  for (const controller of readFileSync(available, 'utf8').split(/\s+/).filter(Boolean)) {
    try {
      writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`);
    } catch {
      // some can't be passed on everywhere; if the kubelet misses one of them, its log says which
    }
  }
}

/** Every process in the group and below, in any hierarchy. */
export function members(group: string): number[] {
  return [...new Set(groupFolders(group).flatMap(processesOf))];
}

function processesOf(folder: string): number[] {
  try {
    return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return []; // a pod's group, removed since it was listed
  }
}

/** Kills every member and removes the group. Returns when nothing of it is left. */
export async function killGroup(group: string, deadlineMs = 20_000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (true) {
    for (const pid of members(group)) kill(pid);
    if (removeGroup(group)) return;
    if (performance.now() > deadline)
      throw new Error(`these processes survive kill -9: ${members(group).join(' ')}`);
    await sleep(20);
  }
}

function kill(pid: number): void {
  try {
    // 0 stands for a process of another pid namespace that can't be named here; its parent is a member too.
    if (pid > 0) process.kill(pid, 'SIGKILL');
  } catch {
    // ended by itself
  }
}

function removeGroup(group: string): boolean {
  for (const folder of groupFolders(group)) {
    try {
      rmdirSync(folder);
    } catch {
      // still holds a dying process; the caller tries again
    }
  }
  return groupFolders(group).length === 0;
}

/** The group's folders in all hierarchies, children before their parents. */
function groupFolders(group: string): string[] {
  return hierarchies()
    .map((point) => join(point, group))
    .filter((folder) => existsSync(folder))
    .flatMap(withChildren);
}

function withChildren(folder: string): string[] {
  let children: string[] = [];
  try {
    children = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name));
  } catch {
    // removed by its owner in between
  }
  return [...children.flatMap(withChildren), folder];
}
