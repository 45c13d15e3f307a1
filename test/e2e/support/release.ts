import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../../src/model/json.ts';
import type { TestCluster } from '../../cluster/cluster.ts';
import { type Cli, cliFor, REPOSITORY } from './cli.ts';
import { type Helm, type HelmBinary, helmIn } from './helm.ts';
import { type Kubectl, kubectlIn } from './kubectl.ts';

export const CHART = join(REPOSITORY, 'test/charts/memcached');
/** On every namespace that a test makes, so that a person sees where it comes from. */
const LABEL = 'memcached-backup.test/run';

/** A memcached release installed by Helm in a namespace of its own. Goes away at the end of its block. */
export interface TestRelease extends AsyncDisposable {
  name: string;
  namespace: string;
  /** The name that the chart gives to its objects. */
  fullname: string;
  /** What was given to `helm install`. */
  values: JsonObject;
  /** Values that no output may show. */
  secrets: string[];
  kubectl: Kubectl;
  helm: Helm;
  cli: Cli;
  /** `helm upgrade --wait` to exactly these values (nothing is reused). */
  upgrade(values: JsonObject): Promise<void>;
  /** The same without waiting and whatever comes of it, as in an incident. */
  upgradeBadly(values: JsonObject): Promise<void>;
}

export interface ReleaseBuilder {
  named(name: string): ReleaseBuilder;
  withValues(values: JsonObject): ReleaseBuilder;
  /** A password in a Secret that the container's environment names. */
  withPassword(): ReleaseBuilder;
  installed(): Promise<TestRelease>;
}

/** `await using release = await aRelease(cluster, helm).withValues({ replicaCount: 2 }).installed();` */
export function aRelease(cluster: TestCluster, helm: HelmBinary): ReleaseBuilder {
  let name = 'my-memcached';
  let values: JsonObject = imageValues(cluster);
  const secrets: string[] = [];
  const builder: ReleaseBuilder = {
    named: (given) => {
      name = given;
      return builder;
    },
    withValues: (given) => {
      values = { ...values, ...given };
      return builder;
    },
    withPassword: () => {
      const password = aSecret();
      secrets.push(password);
      values = { ...values, auth: { password } };
      return builder;
    },
    installed: () => install(cluster, helm, name, values, secrets),
  };
  return builder;
}

/** The chart's values for the memcached image that the cluster can run. */
export function imageValues(cluster: TestCluster): JsonObject {
  const [, repository = '', tag = ''] = /^(.+):([^:/]+)$/.exec(cluster.images.memcached) ?? [];
  return { image: { repository, tag } };
}

/** A value that looks different in every encoding, and that nothing else contains by chance. */
export function aSecret(): string {
  return `p"${randomBytes(9).toString('hex')}/+ &<%\\é`;
}

async function install(
  cluster: TestCluster,
  binary: HelmBinary,
  name: string,
  values: JsonObject,
  secrets: string[],
): Promise<TestRelease> {
  const namespace = `mb-e2e-${binary.name}-${randomBytes(4).toString('hex')}`;
  const kubectl = kubectlIn(cluster, namespace);
  const helm = helmIn(cluster, binary, namespace);
  const cli = cliFor(cluster, { namespace, secrets });
  // "create" fails where the namespace exists: what is deleted in the end was made here.
  await kubectl.ok('create', 'namespace', namespace);
  await kubectl.ok('label', 'namespace', namespace, `${LABEL}=${process.pid}`);
  const withValuesFile = (given: JsonObject, ...args: string[]) => {
    const file = join(helm.home, 'values.json');
    writeFileSync(file, JSON.stringify(given), { mode: 0o600 });
    return [...args, name, CHART, '-f', file];
  };
  const release: TestRelease = {
    name,
    namespace,
    fullname: name.includes('memcached') ? name : `${name}-memcached`,
    values,
    secrets,
    kubectl,
    helm,
    cli,
    upgrade: async (given) => {
      await helm.ok(...withValuesFile(given, 'upgrade'), '--wait', '--timeout', '90s');
    },
    upgradeBadly: async (given) => {
      await helm.ok(...withValuesFile(given, 'upgrade'));
    },
    [Symbol.asyncDispose]: async () => {
      await kubectl.run('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
      helm[Symbol.dispose]();
      cli[Symbol.dispose]();
    },
  };
  try {
    await helm.ok(...withValuesFile(values, 'install'), '--wait', '--timeout', '90s');
    return release;
  } catch (error) {
    await release[Symbol.asyncDispose]();
    throw error;
  }
}
