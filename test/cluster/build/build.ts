import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../lock.ts';
import { type Report, reportStep } from '../progress.ts';
import { type BuildStep, buildStep, cacheRoot, isBuilt, stepFolder } from './cache.ts';
import { goSteps } from './go-tools.ts';
import { type Images, imagesStep, readImages } from './images.ts';
import { packagesStep } from './packages.ts';
import { type KubernetesVersion, kubernetesVersion } from './versions.ts';

/** What this process's CLUSTER_VERSION names. */
const wantedVersion = () => kubernetesVersion(process.env.CLUSTER_VERSION);

/** Where everything is that a cluster is started from. */
export interface Build {
  /** Changes when any input does, and when the node's set-up does. */
  key: string;
  /** The minor version of Kubernetes, of major 1. */
  minor: number;
  /** Root file system of the node. */
  root: string;
  /** Folders of programs, by the name of the step. */
  kubernetes: string;
  etcd: string;
  kubectl: string;
  helm3: string;
  helm4: string;
  versitygw: string;
  /** Folder of image archives. */
  imagesFolder: string;
}

function steps(root: string, kubernetes: KubernetesVersion): BuildStep[] {
  const packages = packagesStep();
  const packagesFolder = stepFolder(root, packages);
  return [
    packages,
    imagesStep(() => join(packagesFolder, 'root'), packagesFolder.slice(root.length)),
    ...goSteps(kubernetes),
  ];
}

/** Is everything in the cache already? Then a cluster starts without Go. */
export function isEverythingBuilt(kubernetes = wantedVersion(), root = cacheRoot()): boolean {
  return steps(root, kubernetes).every((step) => isBuilt(root, step));
}

/** Builds what the cache lacks, one process of this machine at a time, and says where everything is. */
export async function buildAll(
  report: Report,
  kubernetes = wantedVersion(),
  root = cacheRoot(),
): Promise<Build> {
  const all = steps(root, kubernetes);
  if (!isEverythingBuilt(kubernetes, root)) {
    mkdirSync(root, { recursive: true });
    const wait = () => report('waiting for another build on this machine');
    await withLock(join(root, 'build.lock'), wait, () => buildMissing(report, root, all));
  }
  return describe(root, all, kubernetes);
}

async function buildMissing(report: Report, root: string, all: BuildStep[]): Promise<void> {
  for (const [index, step] of all.entries()) {
    if (isBuilt(root, step)) continue;
    await reportStep(report, `build ${index + 1} of ${all.length}: ${step.name}`, () =>
      buildStep(root, step),
    );
  }
}

function describe(root: string, all: BuildStep[], { module, minor }: KubernetesVersion): Build {
  const folder = (name: string) => stepFolder(root, all.find((step) => step.name === name)!);
  const inputs = [...all.map((step) => stepFolder('', step)), ...nodeSources()];
  const key = createHash('sha256').update(inputs.join('\n')).digest('hex').slice(0, 12);
  return {
    key,
    minor,
    root: join(folder('packages'), 'root'),
    kubernetes: folder(module),
    etcd: folder('etcd'),
    kubectl: join(folder(module), 'kubectl'),
    helm3: join(folder('helm3'), 'helm3'),
    helm4: join(folder('helm4'), 'helm4'),
    versitygw: join(folder('versitygw'), 'versitygw'),
    imagesFolder: folder('images'),
  };
}

/** What node/ says about the components is as much part of a cluster as its programs. */
function nodeSources(): string[] {
  const folder = join(import.meta.dirname, '..', 'node');
  return readdirSync(folder)
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8'));
}

export function builtImages(build: Build): Images {
  return readImages(build.imagesFolder);
}
