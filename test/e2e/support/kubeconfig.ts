import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectCode, run, SHORT_LIVED_GO } from './process.ts';

export interface ClusterEntry {
  server: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
}

export interface UserEntry {
  'client-certificate-data'?: string;
  'client-key-data'?: string;
  token?: string;
}

/** A kubeconfig reduced to its current context, every file's content inside. */
export interface FlatKubeconfig {
  clusters: { name: string; cluster: ClusterEntry }[];
  users: { name: string; user: UserEntry }[];
  [key: string]: unknown;
}

const known = new Map<string, Promise<FlatKubeconfig>>();

/** `kubectl config view` of the current context, once a kubeconfig and process: the only reader of kubeconfig files that we need here. */
export function flatKubeconfig(kubectl: string, kubeconfig: string): Promise<Readonly<FlatKubeconfig>> {
  const asked = known.get(kubeconfig) ?? view(kubectl, kubeconfig);
  known.set(kubeconfig, asked);
  return asked;
}

async function view(kubectl: string, kubeconfig: string): Promise<FlatKubeconfig> {
  const args = ['config', 'view', '--raw', '--flatten', '--minify', '-o', 'json'];
  const outcome = await run(kubectl, args, {
    env: { ...process.env, ...SHORT_LIVED_GO, KUBECONFIG: kubeconfig },
  });
  return JSON.parse(expectCode(outcome).stdout) as FlatKubeconfig;
}

/** Writes `config` with another cluster entry to a file of its own and returns its path. */
export function writeKubeconfig(config: FlatKubeconfig, cluster: ClusterEntry): string {
  const path = join(tmpdir(), `kubeconfig-${randomBytes(6).toString('hex')}.json`);
  const clusters = config.clusters.map((entry) => ({ ...entry, cluster }));
  writeFileSync(path, JSON.stringify({ ...config, clusters }), { mode: 0o600 });
  return path;
}

/** A kubeconfig of its own whose current context is in "default", with a second context in `namespace`. */
export async function contextFor(
  { kubectl, kubeconfig }: { kubectl: string; kubeconfig: string },
  { context, namespace }: { context: string; namespace: string },
): Promise<string> {
  const path = join(tmpdir(), `kubeconfig-${randomBytes(6).toString('hex')}.json`);
  const flat = (await flatKubeconfig(kubectl, kubeconfig)) as FlatKubeconfig & {
    contexts: { name: string; context: Record<string, string> }[];
  };
  const current = flat.contexts[0]?.context ?? {};
  const contexts = [
    { name: 'current', context: { ...current, namespace: 'default' } },
    { name: context, context: { ...current, namespace } },
  ];
  writeFileSync(path, JSON.stringify({ ...flat, contexts, 'current-context': 'current' }), { mode: 0o600 });
  return path;
}
