import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../../src/model/json/json.ts';
import type { TestCluster } from '../../cluster/cluster.ts';
import { type Cli, cliFor, REPOSITORY } from './cli.ts';
import { type Helm, type HelmBinary, helmIn } from './helm.ts';
import type { Kubectl } from './kubectl.ts';
import { aNamespace, namespaceNamed, type TestNamespace } from './namespace.ts';

/** Settings in the container's arguments, as in most charts. */
export const CHART = join(REPOSITORY, 'test/charts/memcached');
/** Settings in the environment; nothing but the image says "memcached". */
export const CACHE_CHART = join(REPOSITORY, 'test/charts/cache');

/** A memcached release of whatever kind. Goes away at the end of its block. */
export interface Fixture extends AsyncDisposable {
  name: string;
  namespace: string;
  /** Values that no output may show. */
  secrets: string[];
  kubectl: Kubectl;
  cli: Cli;
}

/** A memcached release installed by Helm in a namespace of its own. */
export interface TestRelease extends Fixture {
  /** The name that the chart gives to its objects. */
  fullname: string;
  /** What was given to `helm install`. */
  values: JsonObject;
  helm: Helm;
  /** `helm upgrade --wait` to exactly these values (nothing is reused). */
  upgrade(values: JsonObject): Promise<void>;
  /** The same without waiting and whatever comes of it, as in an incident. */
  upgradeBadly(values: JsonObject): Promise<void>;
  /** What is called the same in another namespace, which goes away with it; it need not be there yet. */
  twinIn(namespace: string): TestRelease;
}

export interface ReleaseBuilder {
  named(name: string): ReleaseBuilder;
  withValues(values: JsonObject): ReleaseBuilder;
  /** A password in a Secret that the container's environment names. */
  withPassword(): ReleaseBuilder;
  /** Another chart than CHART, with `values` in the place of those that CHART needs for its image. */
  fromChart(chart: string, values: JsonObject): ReleaseBuilder;
  /** In the namespace of another release, which it must not outlive. */
  beside(other: Pick<Fixture, 'namespace' | 'kubectl'>): ReleaseBuilder;
  /** By Helm's ConfigMap driver. */
  keptInConfigMaps(): ReleaseBuilder;
  installed(): Promise<TestRelease>;
}

/** `await using release = await aRelease(cluster, helm).withValues({ replicaCount: 2 }).installed();` */
export function aRelease(cluster: TestCluster, helm: HelmBinary): ReleaseBuilder {
  const plan: Plan = {
    cluster,
    binary: helm,
    name: 'my-memcached',
    chart: CHART,
    values: imageValues(cluster),
    secrets: [],
    driver: 'secret',
  };
  const builder: ReleaseBuilder = {
    named: (given) => {
      plan.name = given;
      return builder;
    },
    withValues: (given) => {
      plan.values = { ...plan.values, ...given };
      return builder;
    },
    withPassword: () => {
      const password = aSecret();
      plan.secrets.push(password);
      plan.values = { ...plan.values, ...(plan.chart === CHART ? { auth: { password } } : { password }) };
      return builder;
    },
    fromChart: (chart, values) => {
      Object.assign(plan, { chart, values });
      return builder;
    },
    beside: ({ namespace, kubectl }) => {
      plan.place = { namespace, kubectl, [Symbol.asyncDispose]: async () => {} };
      return builder;
    },
    keptInConfigMaps: () => {
      plan.driver = 'configmap';
      return builder;
    },
    installed: () => install(plan),
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

interface Plan {
  cluster: TestCluster;
  binary: HelmBinary;
  name: string;
  chart: string;
  values: JsonObject;
  secrets: string[];
  driver: 'secret' | 'configmap';
  /** Where it is not to be in a namespace of its own. */
  place?: TestNamespace;
}

async function install(plan: Plan): Promise<TestRelease> {
  const { cluster, binary, values } = plan;
  const place = plan.place ?? (await aNamespace(cluster, binary.name));
  const release = releaseAt(plan, place);
  try {
    await release.helm.ok(...withValues(release, plan, values, 'install'), '--wait', '--timeout', '90s');
    return release;
  } catch (error) {
    await release[Symbol.asyncDispose]();
    throw error;
  }
}

function releaseAt(plan: Plan, place: TestNamespace): TestRelease {
  const { cluster, binary, name, chart, values, secrets, driver } = plan;
  const { namespace, kubectl } = place;
  const helm = helmIn(cluster, binary, namespace, driver);
  const cli = cliFor(cluster, { namespace, secrets });
  const release: TestRelease = {
    name,
    namespace,
    fullname: chart === CACHE_CHART || name.includes('memcached') ? name : `${name}-memcached`,
    values,
    secrets,
    kubectl,
    helm,
    cli,
    upgrade: async (given) => {
      await helm.ok(...withValues(release, plan, given, 'upgrade'), '--wait', '--timeout', '90s');
    },
    upgradeBadly: async (given) => {
      await helm.ok(...withValues(release, plan, given, 'upgrade'));
    },
    twinIn: (other) => releaseAt(plan, namespaceNamed(cluster, other)),
    [Symbol.asyncDispose]: async () => {
      await place[Symbol.asyncDispose]();
      helm[Symbol.dispose]();
      cli[Symbol.dispose]();
    },
  };
  return release;
}

/** Without a look at the API's schema, which takes Helm longer than all the rest: the charts here are valid. */
function withValues({ helm }: TestRelease, { name, chart }: Plan, given: JsonObject, word: string): string[] {
  const file = join(helm.home, 'values.json');
  writeFileSync(file, JSON.stringify(given), { mode: 0o600 });
  return [word, name, chart, '-f', file, '--disable-openapi-validation'];
}
