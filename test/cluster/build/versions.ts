import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../../../src/errors/tool-error.ts';

const TOOLS = join(import.meta.dirname, '..', 'tools');
const STANDARD = 'kubernetes';

/** A Kubernetes that can be built here: a module of tools/. */
export interface KubernetesVersion {
  /** The folder in tools/: "kubernetes" of the standard one, "kubernetes-1.28" of another. */
  module: string;
  major: number;
  minor: number;
  /** As `kubectl version` is to show it: "v1.34.4". */
  version: string;
  isStandard: boolean;
}

/**
 * The Kubernetes that CLUSTER_VERSION names by its minor version ("1.28"); without it the standard one.
 * @throws ToolError naming those that tools/ has.
 */
export function kubernetesVersion(wanted = ''): KubernetesVersion {
  const standard = read(STANDARD);
  if (wanted === '' || wanted === minorOf(standard)) return standard;
  const module = `${STANDARD}-${wanted}`;
  if (/^1\.\d+$/.test(wanted) && existsSync(join(TOOLS, module))) return read(module);
  const known = kubernetesVersions().map(minorOf).join(', ');
  throw new ToolError(`CLUSTER_VERSION "${wanted}": the test cluster can be of ${known}`, {
    next: 'test/cluster/README.md says how another one is added',
  });
}

/** Every Kubernetes that tools/ has, the oldest first. */
export function kubernetesVersions(): KubernetesVersion[] {
  return readdirSync(TOOLS)
    .filter((name) => name === STANDARD || name.startsWith(`${STANDARD}-`))
    .map(read)
    .sort((a, b) => a.minor - b.minor);
}

/** "1.28" */
export function minorOf({ major, minor }: KubernetesVersion): string {
  return `${major}.${minor}`;
}

function read(module: string): KubernetesVersion {
  const text = readFileSync(join(TOOLS, module, 'go.mod'), 'utf8');
  const [, version = '', major, minor] =
    /^\s*(?:require )?k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/m.exec(text) ?? [];
  if (version === '') throw new Error(`${module}/go.mod requires no k8s.io/kubernetes`);
  return { module, major: Number(major), minor: Number(minor), version, isStandard: module === STANDARD };
}
