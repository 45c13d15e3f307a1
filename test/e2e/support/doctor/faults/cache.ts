import assert from 'node:assert/strict';
import { arrayAt, stringAt } from '../../../../../src/model/json/json.ts';
import type { TestCluster } from '../../../../cluster/cluster.ts';
import { fieldText } from '../../field-text.ts';
import { aReleaseOfUnknownUsers, created } from '../../fixtures/plain-yaml.ts';
import type { Fixture } from '../../release.ts';
import { aCache, type Cache } from '../a-cache.ts';
import type { ClusterFault } from '../cluster-fault.ts';

const injected =
  (spoil: (cache: Cache) => Cache) =>
  (cluster: TestCluster): Promise<Fixture> =>
    created(cluster, spoil(aCache(cluster)).release);

/** Shell: stores the item $i of `bytes` bytes, and reads it `reads` times. */
const store = (bytes: number, reads = 0): string =>
  `printf 'set key-%s 0 0 ${bytes}\\r\\n' $i; head -c ${bytes} /dev/zero; printf '\\r\\n'; ${`printf 'get key-%s\\r\\n' $i; `.repeat(reads)}`;
/** Shell: runs `body` with so many numbers as $i, and sends what it prints to memcached. */
const send = (count: number, body: string, from = 0): string =>
  `(i=${from}; while [ $i -lt ${from + count} ]; do i=$((i+1)); ${body} done) | nc 127.0.0.1 11211 >/dev/null`;
const DONE = 'touch /tmp/done';
const hold = (connections: number, seconds: number): string =>
  `for i in $(seq ${connections}); do (sleep ${seconds} | nc 127.0.0.1 11211 >/dev/null) & done`;
/**
 * A real memcached whose `stats` are changed on their way out: some states can't be had within a test. Its own port is
 * one that no reader of the script can know, so that what stands before it is asked.
 */
const saying = (stat: string, value: number): string => {
  const change = `sub(/STAT ${stat} .*/, \\"STAT ${stat} ${value}\\r\\"); print; fflush()`;
  return `memcached -m 16 -p $(echo 11212) & exec nc -ll -p 11211 -e sh -c "nc 127.0.0.1 11212 | awk '{${change}}'"`;
};

/** Fills up and starts evicting within two seconds. */
const FULL = 400;

export const CACHE_FAULTS: readonly ClusterFault[] = [
  {
    name: 'nothing: a healthy memcached',
    reports: [],
    also: ['MB600', 'MB623', 'MB624', 'MB651'],
    inject: injected((cache) => cache),
  },
  {
    name: 'a memcached that hangs, its port open',
    reports: ['MB601'],
    inject: injected((cache) =>
      cache.startedBy('memcached -m 16 & P=$!; sleep 1; kill -STOP $P; touch /tmp/stopped; wait').container({
        readinessProbe: { exec: { command: ['test', '-f', '/tmp/stopped'] }, periodSeconds: 1 },
      }),
    ),
  },
  {
    name: 'a memcached that wants a password which nobody knows',
    reports: [],
    also: ['MB602'],
    inject: (cluster) => created(cluster, aReleaseOfUnknownUsers(cluster)),
  },
  {
    name: 'a memcached that runs for a moment every two seconds',
    reports: ['MB604'],
    inject: injected((cache) =>
      cache
        .startedBy(
          'memcached -m 16 & P=$!; sleep 1; while :; do kill -STOP $P; touch /tmp/slow; sleep 2; kill -CONT $P; sleep 0.05; done',
        )
        .container({ readinessProbe: { exec: { command: ['test', '-f', '/tmp/slow'] }, periodSeconds: 1 } }),
    ),
  },
  {
    name: 'clients that hold every connection',
    reports: ['MB610'],
    inject: injected((cache) =>
      cache.running('-m', '16', '-c', '40', '-t', '1').usedBy(`${hold(60, 600)}\n${DONE}`),
    ),
  },
  {
    name: 'clients that hold nearly every connection',
    reports: ['MB611'],
    inject: injected((cache) =>
      cache.running('-m', '16', '-c', '120', '-t', '1').usedBy(`${hold(96, 600)}\n${DONE}`),
    ),
  },
  {
    name: 'clients that held every connection a while ago',
    reports: [],
    also: ['MB612'],
    inject: injected((cache) =>
      cache.running('-m', '16', '-c', '40', '-t', '1').usedBy(`${hold(60, 2)}\nwait\n${DONE}`),
    ),
  },
  {
    name: 'a memory limit below what -m needs',
    reports: ['MB620'],
    inject: injected((cache) =>
      cache
        .running('-m', '64')
        .container({ resources: { limits: { memory: '64Mi' }, requests: { memory: '64Mi' } } }),
    ),
    check: ({ findings }) => {
      const [fix] = findings.find(({ code }) => code === 'MB620')!.fix;
      assert.match(
        fix!,
        /set resources deployment\.apps\/cache -c memcached --limits=memory=84Mi --requests=memory=84Mi$/,
      );
    },
  },
  {
    name: 'a memory limit just above -m',
    reports: ['MB621'],
    inject: injected((cache) =>
      cache.running('-m', '256').container({ resources: { limits: { memory: '290Mi' } } }),
    ),
  },
  {
    name: 'more items than the memory request covers',
    reports: ['MB622'],
    inject: injected((cache) => cache.running('-m', '32').usedBy(`${send(120, store(100_000))}\n${DONE}`)),
  },
  {
    name: 'a cache that filled up beyond its memory limit',
    reports: ['MB620 (MB625)'],
    inject: async (cluster) => {
      const fixture = await created(
        cluster,
        aCache(cluster)
          .running('-m', '64')
          .container({ resources: { limits: { memory: '24Mi' }, requests: { memory: '8Mi' } } })
          .usedBy(`${DONE}\n${send(FULL, store(100_000))}`)
          .neverReady().release,
      );
      await startedAgain(fixture);
      return fixture;
    },
  },
  {
    name: 'a memcached that ended with an error',
    reports: ['MB626'],
    inject: (cluster) => endingOnce(cluster, 3),
  },
  {
    name: 'a memcached that somebody stopped',
    reports: [],
    also: ['MB627'],
    inject: (cluster) => endingOnce(cluster, 0),
  },
  {
    name: 'a full cache whose items were read',
    reports: [],
    also: ['MB630'],
    words: () => ['--interval', '2s'],
    inject: injected((cache) =>
      cache
        .running('-m', '8')
        .container({ resources: { requests: { cpu: '1m', memory: '8Mi' } } })
        .usedBy(
          `${send(FULL, store(30_000, 1))}\n${DONE}\n${send(2000, `${store(30_000, 1)} sleep 0.05;`, FULL)}`,
        ),
    ),
  },
  {
    name: 'a full cache whose items nobody reads',
    reports: ['MB631'],
    words: () => ['--interval', '2s'],
    inject: injected((cache) =>
      cache
        .running('-m', '8')
        .usedBy(`${send(FULL, store(30_000))}\n${DONE}\n${send(2000, `${store(30_000)} sleep 0.05;`, FULL)}`),
    ),
  },
  {
    name: 'a full cache that may not evict',
    reports: ['MB632'],
    words: () => ['--interval', '1s'],
    inject: injected((cache) =>
      cache
        .running('-m', '8', '-M')
        .usedBy(`${send(FULL, store(30_000))}\n${DONE}\n${send(2000, `${store(30_000)} sleep 0.05;`, FULL)}`),
    ),
  },
  {
    name: 'items larger than -I allows',
    reports: ['MB633'],
    words: () => ['--interval', '1s'],
    inject: injected((cache) => cache.usedBy(`${DONE}\n${send(1000, `${store(1_100_000)} sleep 0.1;`)}`)),
  },
  {
    name: 'items larger than -I allowed, a while ago',
    reports: [],
    also: ['MB634'],
    inject: injected((cache) => cache.usedBy(`${send(3, store(1_100_000))}\nsleep 1\n${DONE}`)),
  },
  {
    name: 'clients that look for what is not there, in a cache that is warm by its own word',
    reports: ['MB635'],
    also: ['MB641'],
    words: () => ['--interval', '1s'],
    inject: injected((cache) =>
      cache
        .startedBy(saying('uptime', 90_000))
        .usedBy(
          `yes "get nothing" | head -n 200 | sed 's/$/\\r/' >/tmp/reads\n${DONE}\n${send(2000, 'cat /tmp/reads; sleep 0.1;')}`,
        ),
    ),
  },
  {
    name: 'a hash table that grows',
    reports: [],
    also: ['MB642'],
    inject: injected((cache) => cache.startedBy(saying('hash_is_expanding', 1))),
  },
  {
    name: 'a Service that opens the cache to the outside',
    reports: ['MB650'],
    inject: injected((cache) => cache.behind({ type: 'NodePort' })),
    check: ({ findings }) => {
      const [fix] = findings.find(({ code }) => code === 'MB650')!.fix;
      assert.match(fix!, /patch service\/cache --type=merge -p '\{"spec":\{"type":"ClusterIP"\}\}'$/);
    },
  },
  {
    name: 'nothing: a NodePort behind a NetworkPolicy that names who may connect',
    reports: [],
    inject: injected((cache) =>
      cache.behind({ type: 'NodePort' }).beside({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'users' },
        spec: { podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'shop' } } }] }] },
      }),
    ),
    check: ({ findings }) => assert.ok(!findings.some(({ code }) => code === 'MB651')),
  },
  {
    name: 'UDP',
    reports: ['MB652'],
    inject: injected((cache) => cache.running('-m', '16', '-U', '11211')),
  },
  {
    name: 'a memcached that anybody may stop',
    reports: ['MB653'],
    inject: injected((cache) => cache.running('-m', '16', '-A')),
  },
  {
    name: 'three caches behind one address',
    reports: [],
    also: ['MB660'],
    inject: injected((cache) => cache.spec({ replicas: 3 }).behind({})),
  },
  {
    name: 'an autoscaler on memory',
    reports: ['MB661'],
    inject: injected((cache) =>
      cache.beside({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'cache' },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cache' },
          maxReplicas: 3,
          metrics: [
            {
              type: 'Resource',
              resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 80 } },
            },
          ],
        },
      }),
    ),
  },
];

/** The first run ends with `code`; what it leaves in a volume has the second one stay. */
async function endingOnce(cluster: TestCluster, code: number): Promise<Fixture> {
  const fixture = await created(
    cluster,
    aCache(cluster)
      .startedBy(`test -f /state/ran && exec memcached -m 16; touch /state/ran; exit ${code}`)
      .container({ volumeMounts: [{ name: 'state', mountPath: '/state' }] })
      .pod({ volumes: [{ name: 'state', emptyDir: {} }] })
      .neverReady().release,
  );
  await startedAgain(fixture);
  return fixture;
}

async function startedAgain(fixture: Fixture): Promise<void> {
  try {
    await fixture.kubectl.objects.until('pods', ([pod]) => {
      const statuses = arrayAt(pod, 'status', 'containerStatuses');
      const memcached = statuses.find((status) => stringAt(status, 'name') === 'memcached');
      const text = `${fieldText(memcached, '.restartCount')} ${fieldText(memcached, '.ready')}`;
      assert.match(text, /^[1-9]\d* true$/);
    });
  } catch (error) {
    await fixture[Symbol.asyncDispose]();
    throw error;
  }
}
