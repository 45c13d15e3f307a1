import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ToolError } from '../../src/errors/tool-error.ts';
import { output } from './run.ts';
import type { Helm, TestCluster } from './test-cluster.ts';

/** Public images for clusters that are not ours: they can pull. */
const PUBLIC_IMAGES = {
  memcached: 'docker.io/library/memcached:1.6.39-alpine',
  toolbox: 'docker.io/library/busybox:1.36.1',
};

/** The cluster of E2E_KUBECONFIG, with kubectl and every Helm that PATH has as helm, helm3 or helm4. */
export async function externalCluster(
  kubeconfig: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<TestCluster> {
  const kubectl = onPath('kubectl', env);
  if (!kubectl)
    throw new ToolError('E2E_KUBECONFIG is set, but kubectl is not on PATH', { next: 'install kubectl' });
  const helms = await findHelms(env);
  if (helms.length === 0)
    throw new ToolError('E2E_KUBECONFIG is set, but no Helm 3 or 4 is on PATH', { next: 'install helm' });
  try {
    await output(kubectl, ['--kubeconfig', kubeconfig, 'get', '--raw', '/readyz', '--request-timeout=10s']);
  } catch (cause) {
    throw new ToolError(`the cluster of E2E_KUBECONFIG=${kubeconfig} does not answer`, {
      cause,
      next: `kubectl --kubeconfig ${kubeconfig} cluster-info`,
    });
  }
  return { kubeconfig, kubectl, helms, images: PUBLIC_IMAGES, external: true };
}

async function findHelms(env: NodeJS.ProcessEnv): Promise<Helm[]> {
  const found = new Map<Helm['name'], string>();
  for (const program of ['helm3', 'helm4', 'helm']) {
    const path = onPath(program, env);
    const major = path && /^v([34])\./.exec(await output(path, ['version', '--short']))?.[1];
    const name = major === '3' ? 'helm3' : 'helm4';
    if (path && major && !found.has(name)) found.set(name, path);
  }
  return [...found].map(([name, path]) => ({ name, path })).sort((a, b) => a.name.localeCompare(b.name));
}

/** The first executable of that name on PATH. */
export function onPath(program: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const candidates = (env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, program));
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
