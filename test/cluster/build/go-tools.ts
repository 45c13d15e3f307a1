import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { runLogged } from '../run.ts';
import type { BuildStep } from './cache.ts';
import { type KubernetesVersion, kubernetesVersions } from './versions.ts';

const TOOLS = join(import.meta.dirname, '..', 'tools');

/** A module of tools/, whose go.mod and go.sum pin every dependency, and the names its programs get. */
interface GoTool {
  name: string;
  /** From the name of the built program to ours, where they differ. */
  rename?: Record<string, string>;
  ldflags?: string;
  /** Build tags, with commas. */
  tags?: string;
  /** Files of the module itself that are built. */
  sources?: string[];
}

const GO_TOOLS: GoTool[] = [
  { name: 'etcd', rename: { server: 'etcd' } },
  { name: 'helm3', rename: { helm: 'helm3' } },
  { name: 'helm4', rename: { helm: 'helm4' } },
  { name: 'versitygw' },
];

/** Programs of tests that need no cluster: none is a part of it, nor waited for by whoever starts one. */
const TEST_TOOLS: GoTool[] = [
  { name: 'age' },
  { name: 'cache-load', sources: ['main.go'] },
  { name: 'krew' },
  { name: 'minio' },
  // Without the ways in which Prometheus finds what to scrape, the SDKs of all clouds, it builds in minutes; the pages of its
  // web interface are not in its module, and without "builtinassets" not asked for.
  { name: 'prometheus', tags: 'remove_all_sd' },
  { name: 'pushgateway' },
  { name: 'kube-state-metrics' },
];

export function goSteps(kubernetes: KubernetesVersion): BuildStep[] {
  return [kubernetesTool(kubernetes), ...GO_TOOLS].map(stepOf);
}

/** Without the flags `kubectl version` says v0.0.0-master+$Format:%H$, which Helm's version checks refuse. */
function kubernetesTool({ module, major, minor, version }: KubernetesVersion): GoTool {
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const ldflags = Object.entries(values).map(
    ([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`,
  );
  return { name: module, ldflags: ldflags.join(' ') };
}

/** A module of tools/, whoever needs it. @throws Error where there is none of the name. */
export function toolStep(name: string): BuildStep {
  const tool = [...kubernetesVersions().map(kubernetesTool), ...GO_TOOLS, ...TEST_TOOLS].find(
    (each) => each.name === name,
  );
  if (tool === undefined) throw new Error(`tools/ has no module ${name}`);
  return stepOf(tool);
}

function stepOf(tool: GoTool): BuildStep {
  const module = join(TOOLS, tool.name);
  // No -trimpath: it would not share the compiled packages with other builds of these modules on this machine.
  const args = [
    'install',
    '-mod=readonly',
    '-buildvcs=false',
    `-ldflags=-s -w ${tool.ldflags ?? ''}`,
    ...(tool.tags === undefined ? [] : [`-tags=${tool.tags}`]),
    'tool',
  ];
  const sources = (tool.sources ?? []).map((file) => read(module, file));
  const inputs = [...args, read(module, 'go.mod'), read(module, 'go.sum'), ...sources, process.arch];
  return { name: tool.name, inputs, make: (folder, log) => make(tool, module, args, folder, log) };
}

async function make(
  tool: GoTool,
  module: string,
  args: string[],
  folder: string,
  log: string,
): Promise<void> {
  const env = {
    ...process.env,
    GOBIN: folder,
    CGO_ENABLED: '0',
    GOWORK: 'off',
    GOFLAGS: '',
    GOTOOLCHAIN: 'auto',
  };
  await runLogged(log, 'go', args, { cwd: module, env });
  for (const program of readdirSync(folder)) {
    const name = tool.rename?.[program];
    if (name) renameSync(join(folder, program), join(folder, name));
  }
}

function read(module: string, file: string): string {
  return readFileSync(join(module, file), 'utf8');
}
