import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Build, builtImages } from './build/build.ts';
import type { Instance } from './instance.ts';
import { POD_NETWORK_SOCKET } from './node/plan.ts';
import type { TestCluster } from './test-cluster.ts';

/** What a finished start leaves in the state folder. */
export interface ClusterRecord {
  /** From which inputs the cluster was made: see Build. */
  key: string;
  /** The root file system that the node runs on, as file system and folder number. */
  root: { path: string; inode: number };
  cluster: TestCluster;
}

export function writeRecord(instance: Instance, build: Build): ClusterRecord {
  const cluster: TestCluster = {
    kubeconfig: join(instance.state, 'kubeconfig'),
    kubectl: build.kubectl,
    helms: [
      { name: 'helm3', path: build.helm3 },
      { name: 'helm4', path: build.helm4 },
    ],
    images: builtImages(build),
    external: false,
    podNetwork: join(instance.state, POD_NETWORK_SOCKET),
    versitygw: build.versitygw,
  };
  const record = { key: build.key, root: { path: build.root, inode: statSync(build.root).ino }, cluster };
  const file = recordFile(instance);
  writeFileSync(`${file}.new`, JSON.stringify(record, null, 2));
  renameSync(`${file}.new`, file);
  return record;
}

export function readRecord(instance: Instance): ClusterRecord | undefined {
  if (!existsSync(recordFile(instance))) return undefined;
  const record = JSON.parse(readFileSync(recordFile(instance), 'utf8')) as ClusterRecord;
  // Another version of these files wrote it.
  return record.root && record.cluster ? record : undefined;
}

/**
 * Are the files that the cluster was started from still there? If the cache was emptied, the node still answers, but
 * it can't start another container; a cache built anew has the same names and is another folder.
 */
export function hasItsFiles({ root, cluster }: ClusterRecord): boolean {
  const programs = [cluster.kubectl, ...cluster.helms.map((helm) => helm.path)];
  const found = statSync(root.path, { throwIfNoEntry: false });
  return found?.ino === root.inode && programs.every((file) => existsSync(file));
}

function recordFile(instance: Instance): string {
  return join(instance.state, 'cluster.json');
}
