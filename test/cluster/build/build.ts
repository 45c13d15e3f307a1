import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../lock.ts';
import { type Report, reportStep } from '../progress.ts';
import { type BuildStep, buildStep, cacheRoot, isBuilt, stepFolder } from './cache.ts';
import { goSteps } from './go-tools.ts';
import { type Images, imagesStep, readImages } from './images.ts';
import { packagesStep } from './packages.ts';

/** Where everything is that a cluster is started from. */
export interface Build {
  /** Changes when any input does, and when the node's set-up does. */
  key: string;
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

function steps(root: string): BuildStep[] {
  const packages = packagesStep();
  const packagesFolder = stepFolder(root, packages);
  return [
    packages,
    imagesStep(() => join(packagesFolder, 'root'), packagesFolder.slice(root.length)),
    ...goSteps(),
  ];
}

/** Is everything in the cache already? Then a cluster starts without Go. */
export function isEverythingBuilt(root = cacheRoot()): boolean {
  return steps(root).every((step) => isBuilt(root, step));
}

/** Builds what the cache lacks, one process of this machine at a time, and says where everything is. */
export async function buildAll(report: Report, root = cacheRoot()): Promise<Build> {
  const all = steps(root);
  if (!isEverythingBuilt(root)) {
    mkdirSync(root, { recursive: true });
    const wait = () => report('waiting for another build on this machine');
    await withLock(join(root, 'build.lock'), wait, () => buildMissing(report, root, all));
  }
  return describe(root, all);
}

async function buildMissing(report: Report, root: string, all: BuildStep[]): Promise<void> {
  for (const [index, step] of all.entries()) {
    if (isBuilt(root, step)) continue;
    await reportStep(report, `build ${index + 1} of ${all.length}: ${step.name}`, () =>
      buildStep(root, step),
    );
  }
}

function describe(root: string, all: BuildStep[]): Build {
  const folder = (name: string) => stepFolder(root, all.find((step) => step.name === name)!);
  const inputs = [...all.map((step) => stepFolder('', step)), ...nodeSources()];
  const key = createHash('sha256').update(inputs.join('\n')).digest('hex').slice(0, 12);
  return {
    key,
    root: join(folder('packages'), 'root'),
    kubernetes: folder('kubernetes'),
    etcd: folder('etcd'),
    kubectl: join(folder('kubernetes'), 'kubectl'),
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
