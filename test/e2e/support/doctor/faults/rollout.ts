import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { decodeRevision, encodeRelease } from '../../../../../src/model/helm/helm-release.ts';
import { arrayAt, type JsonObject, objectAt, stringAt } from '../../../../../src/model/json/json.ts';
import type { TestCluster } from '../../../../cluster/cluster.ts';
import { fieldText } from '../../field-text.ts';
import { aStuckRelease } from '../../fixtures/helm-releases.ts';
import {
  aCrashLoop,
  aDaemonSet,
  aDeploymentWithMountedSettings,
  applied,
  created,
} from '../../fixtures/plain-yaml.ts';
import { ask } from '../../memcached.ts';
import { isGone } from '../../objects.ts';
import { aRelease, type Fixture, type TestRelease } from '../../release.ts';
import { rolledOut } from '../../rollout.ts';
import { aCache, type Cache } from '../a-cache.ts';
import type { ClusterFault } from '../cluster-fault.ts';
import { alsoRemoving } from '../faulty-release.ts';

const injected =
  (spoil: (cache: Cache) => Cache, then?: (fixture: Fixture) => Promise<void>) =>
  (cluster: TestCluster): Promise<Fixture> =>
    after(created(cluster, spoil(aCache(cluster)).release), then);

/** A release of the chart, and what happens to it. */
const release = (then?: (fixture: TestRelease) => Promise<void>) => (cluster: TestCluster) =>
  after(aRelease(cluster, cluster.helms[0]!).installed(), then);

async function after<T extends Fixture>(made: Promise<T>, then?: (fixture: T) => Promise<void>): Promise<T> {
  const fixture = await made;
  try {
    await then?.(fixture);
    return fixture;
  } catch (error) {
    await fixture[Symbol.asyncDispose]();
    throw error;
  }
}

/** Waits until what an object, or one of its kind, says in some place matches. */
const until =
  (textOf: (object: JsonObject) => string, expected: RegExp, what: string) =>
  ({ kubectl }: Fixture): Promise<void> =>
    kubectl.objects.until(what, (found) => assert.match(found.map(textOf).join('\n'), expected));

const field = (path: string) => (object: JsonObject) => fieldText(object, path);

const condition = (type: string, part: string) => (object: JsonObject) =>
  fieldText(
    arrayAt(object, 'status', 'conditions').find((each) => stringAt(each, 'type') === type),
    part,
  );

/** Of a pod's first container. */
const waiting = field('.status.containerStatuses[0].state.waiting.reason');

const patchArgs = (...command: string[]) =>
  JSON.stringify([{ op: 'replace', path: '/spec/template/spec/containers/0/command', value: command }]);

const somethingElse = {
  name: 'none',
  objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'of-something-else' } }],
};

export const ROLLOUT_FAULTS: readonly ClusterFault[] = [
  {
    name: 'nothing at all',
    reports: [],
    also: ['MB501'],
    inject: (cluster) => created(cluster, somethingElse),
  },
  {
    name: 'nothing: a healthy release of Helm',
    reports: [],
    also: ['MB500', 'MB551'],
    inject: release(async ({ kubectl, name }) => {
      // memcached tells its age in whole seconds: a pod of the template's own second would be no proof.
      await sleep(2000);
      await kubectl.ok('delete', 'pod', '-l', `app.kubernetes.io/instance=${name}`);
      await rolledOut(kubectl, `deployment/${name}`, 90_000);
    }),
    check: ({ findings }) => {
      const evidence = findings.find(({ code }) => code === 'MB500')!.evidence;
      assert.match(evidence[0]!.text, /memcached of every pod was started after it \(uptime \d+ s at most\)/);
    },
  },
  {
    name: 'a release that is not there',
    reports: ['MB510'],
    words: () => ['nobody'],
    inject: (cluster) => created(cluster, somethingElse),
  },
  {
    name: 'an upgrade that the API server refused',
    reports: ['MB511'],
    inject: release(async ({ helm, name }) => {
      const chart = [
        'upgrade',
        name,
        'test/charts/memcached',
        '--reuse-values',
        '--set',
        'service.port=70000',
      ];
      assert.notEqual((await helm.run(...chart)).code, 0);
    }),
  },
  {
    // Neither Helm leaves a deployed revision then.
    name: 'a rollback that the API server refused',
    reports: ['MB511 (MB521)'],
    inject: (cluster) =>
      after(
        aRelease(cluster, cluster.helms.at(-1)!).installed(),
        async ({ kubectl, helm, name, fullname }) => {
          await kubectl.objects.delete(`service/${fullname}`);
          await kubectl.ok('create', 'quota', 'none', '--hard=services=0');
          assert.notEqual((await helm.run('rollback', name, '1')).code, 0);
        },
      ),
    check: ({ findings }, { namespace, name }) => {
      const { look, fix } = findings.find(({ code }) => code === 'MB511')!;
      assert.deepEqual(look, [`helm history ${name} -n ${namespace}`]);
      assert.deepEqual(fix, [`helm rollback ${name} 1 -n ${namespace}`]);
    },
  },
  {
    name: 'a Helm that was killed an hour ago',
    reports: ['MB512'],
    inject: release((made) => leftPending(made, 3600)),
    check: ({ findings }, { namespace, name }) => {
      const [fix] = findings.find(({ code }) => code === 'MB512')!.fix;
      assert.equal(fix, `helm uninstall ${name} -n ${namespace}`);
    },
  },
  {
    name: "a record of Helm's that unpacks to more than is read",
    reports: ['MB517'],
    inject: release(async ({ kubectl, name }) => {
      const text = `{"chart":{"values":[${'{},'.repeat(600_000)}{}]}}`;
      const encoded = Buffer.from(gzipSync(text).toString('base64')).toString('base64');
      const patch = JSON.stringify({ data: { release: encoded } });
      await kubectl.ok('patch', 'secret', `sh.helm.release.v1.${name}.v1`, '--type=merge', '-p', patch);
    }),
    check: ({ findings }, { name }) => {
      const { evidence } = findings.find(({ code }) => code === 'MB517')!;
      assert.equal(
        evidence[0]!.text,
        `Helm's record secret/sh.helm.release.v1.${name}.v1 can't be decoded: it holds more than 500000 JSON values in 1800025 bytes`,
      );
    },
  },
  {
    name: 'records that have lost their labels',
    reports: ['MB514'],
    inject: release(async ({ kubectl, name }) => {
      const record = `secret/sh.helm.release.v1.${name}.v1`;
      await kubectl.ok('label', record, 'owner-', 'name-', 'status-', 'version-');
    }),
  },
  {
    name: 'a Helm at work',
    reports: [],
    also: ['MB513'],
    inject: release((made) => leftPending(made, 5)),
  },
  {
    name: 'an upgrade to arguments that memcached refuses, and Helm killed at it',
    reports: ['MB535 (MB513, MB520, MB626)'],
    inject: (cluster) =>
      after(aStuckRelease(cluster, cluster.helms[0]!), until(waiting, /CrashLoopBackOff/, 'pods')),
  },
  {
    name: 'an argument that was changed by hand',
    reports: ['MB520'],
    inject: release(async ({ kubectl, fullname }) => {
      const change = [{ op: 'replace', path: '/spec/template/spec/containers/0/args/1', value: '48' }];
      await kubectl.ok('patch', 'deployment', fullname, '--type=json', '-p', JSON.stringify(change));
      await rolledOut(kubectl, `deployment/${fullname}`);
    }),
    check: ({ findings }) => {
      const texts = findings.find(({ code }) => code === 'MB520')!.evidence.map(({ text }) => text);
      const [release, live] = [32, 48].map((mebibytes) => `${mebibytes * 2 ** 20} (${mebibytes} MiB)`);
      assert.deepEqual(texts, [
        'spec.template.spec.containers[0].args[1]',
        `maxbytes: release ${release}, template ${live}, pods configured with ${live}, running with ${live}`,
      ]);
    },
  },
  {
    name: 'a Service that was deleted',
    reports: ['MB521'],
    inject: release(async ({ kubectl, fullname }) => {
      await kubectl.objects.delete(`service/${fullname}`);
    }),
  },
  {
    name: 'a memory limit changed in the running server',
    reports: ['MB522'],
    inject: injected(
      (cache) => cache,
      async ({ kubectl }) => {
        const [pod] = await kubectl.objects.list('pods');
        assert.match(await ask(kubectl, pod!, 'cache_memlimit 20'), /OK/);
      },
    ),
    check: ({ findings }) => {
      const [{ text } = { text: '' }] = findings.find(({ code }) => code === 'MB522')!.evidence;
      assert.match(text, /: maxbytes is 20971520 \(20 MiB\), its arguments say 16777216 \(16 MiB\)$/);
    },
  },
  {
    name: 'nothing: a pod that is not ready yet',
    reports: [],
    also: ['MB530'],
    inject: injected(
      (cache) =>
        cache
          .container({ readinessProbe: { tcpSocket: { port: 'memcached' }, initialDelaySeconds: 600 } })
          .neverReady(),
      until(field('.status.containerStatuses[0].started'), /true/, 'pods'),
    ),
  },
  {
    name: 'a Deployment that was deleted, and a finalizer holds it',
    reports: ['MB538 (MB530)'],
    inject: async (cluster) => {
      const fixture = await created(cluster, aCache(cluster).release);
      const { kubectl } = fixture;
      const finalizers = (value: string[] | null) =>
        kubectl.ok(
          ...['patch', 'deployment', 'cache', '--type=merge'],
          ...['-p', JSON.stringify({ metadata: { finalizers: value } })],
        );
      const made = alsoRemoving(fixture, () => finalizers(null));
      return after(Promise.resolve(made), async () => {
        await finalizers(['example.org/hold']);
        await kubectl.ok('delete', 'deployment', 'cache', '--cascade=foreground', '--wait=false');
        await kubectl.objects.until('pods', isGone);
      });
    },
    check: ({ findings }) => {
      const found = findings.find(({ code }) => code === 'MB538')!;
      assert.equal(found.summary, 'it is being deleted, and its finalizer example.org/hold holds it');
      // There is no backup to restore.
      assert.match(found.fix.join(), /^kubectl -n \S+ patch deployment.apps\/cache [^;]*finalizers[^;]*$/);
      assert.doesNotMatch(found.fix.join(), /restore/);
    },
  },
  {
    name: 'an image that does not exist',
    reports: ['MB531'],
    inject: injected(
      (cache) => cache.container({ image: 'registry.invalid/memcached:0' }).neverReady(),
      until(waiting, /ErrImagePull|ImagePullBackOff/, 'pods'),
    ),
  },
  {
    name: 'a quota that is used up',
    reports: ['MB532'],
    inject: injected(
      (cache) =>
        cache
          .beside({
            apiVersion: 'v1',
            kind: 'ResourceQuota',
            metadata: { name: 'none' },
            spec: { hard: { pods: '0' } },
          })
          .neverReady(),
      until(condition('ReplicaFailure', '.status'), /True/, 'deployment/cache'),
    ),
    check: ({ findings }) => {
      const found = findings.find(({ code }) => code === 'MB532')!;
      assert.match(found.evidence[0]!.text, /quota/);
      assert.match(found.look[0]!, /describe resourcequota$/);
    },
  },
  {
    name: 'pods that fit no node',
    reports: ['MB533'],
    inject: injected(
      (cache) => cache.pod({ nodeSelector: { disk: 'none-has-it' } }).neverReady(),
      until(condition('PodScheduled', '.status'), /False/, 'pods'),
    ),
  },
  {
    // There is no autoscaler here: what it says of a pod is written by hand.
    name: 'nothing: a node that is being made for its pods',
    reports: [],
    also: ['MB530'],
    inject: injected(
      (cache) => cache.pod({ nodeSelector: { disk: 'none-has-it' } }).neverReady(),
      async (fixture) => {
        const scheduled = condition('PodScheduled', '.status');
        await until(scheduled, /False/, 'pods')(fixture);
        await anAutoscalerMakesANode(fixture);
      },
    ),
  },
  {
    name: 'a readiness probe on another port',
    reports: ['MB534'],
    inject: injected(
      (cache) =>
        cache.container({ readinessProbe: { tcpSocket: { port: 11999 }, periodSeconds: 1 } }).neverReady(),
      async ({ kubectl }) => {
        await kubectl.objects.until('events', (events) => {
          const unhealthy = events.filter(({ reason }) => reason === 'Unhealthy');
          const times = unhealthy.reduce((sum, { count }) => sum + Number(count), 0);
          assert.ok(times >= 3, `${times} times`);
        });
      },
    ),
  },
  {
    name: 'arguments that memcached refuses',
    reports: ['MB535 (MB626)'],
    inject: (cluster) =>
      after(created(cluster, aCrashLoop(cluster)), until(waiting, /CrashLoopBackOff/, 'pods')),
  },
  {
    name: 'a script that says why it ends, and a password with it',
    reports: ['MB535 (MB626)'],
    inject: injected(
      (cache) => cache.startedBy('echo "login failed, password=hunter2"; exit 7').neverReady(),
      until(waiting, /CrashLoopBackOff/, 'pods'),
    ),
    check: ({ findings }) => {
      const texts = findings.find(({ code }) => code === 'MB535')!.evidence.map(({ text }) => text);
      assert.ok(texts.includes('log: login failed, password=***'), texts.join('\n'));
      assert.ok(!JSON.stringify(findings).includes('hunter2'));
    },
  },
  {
    name: 'env from a Secret that does not exist',
    reports: ['MB536'],
    inject: injected(
      (cache) => cache.container({ envFrom: [{ secretRef: { name: 'lost' } }] }).neverReady(),
      until(waiting, /CreateContainerConfigError/, 'pods'),
    ),
  },
  {
    name: 'a rollout that nothing visible holds up',
    reports: ['MB537'],
    inject: injected(
      (cache) =>
        cache
          .pod({ readinessGates: [{ conditionType: 'example.org/somebody-says-so' }] })
          .spec({ progressDeadlineSeconds: 1 })
          .neverReady(),
      until(condition('Progressing', '.reason'), /ProgressDeadlineExceeded/, 'deployment/cache'),
    ),
  },
  {
    name: 'a budget that allows no eviction',
    reports: ['MB541'],
    inject: injected(
      (cache) =>
        cache.beside({
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata: { name: 'cache' },
          spec: { minAvailable: 1, selector: { matchLabels: { app: 'cache' } } },
        }),
      until(field('.status.currentHealthy'), /^1$/, 'pdb/cache'),
    ),
  },
  {
    name: 'a StatefulSet whose pods wait to be deleted',
    reports: ['MB542 (MB530)'],
    inject: injected(
      (cache) =>
        cache
          .as('StatefulSet')
          .spec({ updateStrategy: { type: 'OnDelete' } })
          .neverReady(),
      async (fixture) => {
        await until(field('.status.readyReplicas'), /^1$/, 'statefulset/cache')(fixture);
        await changeTemplate(fixture, 'statefulset');
      },
    ),
    check: ({ findings }) => {
      const found = findings.find(({ code }) => code === 'MB542')!;
      assert.match(
        found.evidence.at(-1)!.text,
        /^maxbytes: template 25165824 \(24 MiB\), pods configured with 16777216 \(16 MiB\), running with 16777216 \(16 MiB\)$/,
      );
      assert.match(found.fix[0]!, /delete pod cache-0$/);
    },
  },
  {
    name: 'a Deployment that is paused',
    reports: ['MB543 (MB530)'],
    inject: injected(
      (cache) => cache,
      async (fixture) => {
        await fixture.kubectl.ok('rollout', 'pause', 'deployment/cache');
        await changeTemplate(fixture, 'deployment');
      },
    ),
  },
  {
    name: 'a StatefulSet with a partition that nobody took away',
    reports: ['MB544'],
    inject: injected(
      (cache) =>
        cache
          .as('StatefulSet')
          .spec({ replicas: 2, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }),
      async (fixture) => {
        await changeTemplate(fixture, 'statefulset');
        await until(
          (set) => `${fieldText(set, '.status.updatedReplicas')} ${fieldText(set, '.status.readyReplicas')}`,
          /^1 2$/,
          'statefulset/cache',
        )(fixture);
      },
    ),
  },
  {
    name: 'a Deployment that was scaled to 0',
    reports: [],
    also: ['MB545'],
    inject: injected((cache) => cache.spec({ replicas: 0 })),
  },
  {
    name: 'a mounted ConfigMap that was changed after the pod had read it',
    reports: ['MB550'],
    inject: (cluster) =>
      after(applied(cluster, aDeploymentWithMountedSettings(cluster)), async ({ kubectl }) => {
        // The API server's times are whole seconds.
        await sleep(1500);
        const change = JSON.stringify({ data: { args: '-m 20 -c 96 -f 1.10' } });
        await kubectl.ok('patch', 'configmap', 'hand-made-settings', '--type=merge', '-p', change);
      }),
    check: ({ findings }) => {
      const found = findings.find(({ code }) => code === 'MB550')!;
      assert.match(
        found.evidence[1]!.text,
        /^pod\/hand-made-\S+, which reads it by volumes, was started; memcached has been running for \d+ s$/,
      );
      assert.match(found.fix[0]!, /rollout restart deployment\.apps\/hand-made$/);
    },
  },
  {
    name: 'nothing: a DaemonSet, and a ConfigMap that nobody reads',
    reports: [],
    also: ['MB551'],
    inject: (cluster) => applied(cluster, aDaemonSet(cluster)),
  },
];

/** What the cluster autoscaler says of the pod that waits for it. */
async function anAutoscalerMakesANode({ kubectl, namespace }: Fixture): Promise<void> {
  const [pod] = await kubectl.objects.list('pods');
  const { name = '', uid = '' } = objectAt(pod, 'metadata') ?? {};
  const at = new Date().toISOString();
  await kubectl.apply({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'scale-up', namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
    reason: 'TriggeredScaleUp',
    message: 'pod triggered scale-up: [{pool 0->1 (max: 3)}]',
    source: { component: 'cluster-autoscaler' },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  });
}

/** Another -m than the pods have. */
async function changeTemplate({ kubectl }: Fixture, kind: string): Promise<void> {
  await kubectl.ok('patch', `${kind}/cache`, '--type=json', '-p', patchArgs('memcached', '-m', '24'));
  await kubectl.objects.until(`${kind}/cache`, ([workload]) =>
    assert.equal(
      fieldText(workload, '.status.observedGeneration'),
      fieldText(workload, '.metadata.generation'),
    ),
  );
}

/** Writes into Helm's record that an operation began so many seconds ago, as a killed Helm leaves it. */
async function leftPending({ kubectl, name }: TestRelease, seconds: number): Promise<void> {
  const secret = await kubectl.objects.get(`secret/sh.helm.release.v1.${name}.v1`);
  const { document } = decodeRevision(secret);
  const info = document.info as JsonObject;
  info.status = 'pending-install';
  info.last_deployed = new Date(Date.now() - seconds * 1000).toISOString();
  const encoded = encodeRelease(document, 'secret');
  const labels = { ...((secret.metadata as JsonObject).labels as JsonObject), status: 'pending-install' };
  await kubectl.ok(
    'patch',
    'secret',
    `sh.helm.release.v1.${name}.v1`,
    '--type=merge',
    '-p',
    JSON.stringify({ metadata: { labels }, data: { release: encoded } }),
  );
}
