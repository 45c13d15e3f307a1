import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeRevision, newRecord } from '../../src/model/helm/helm-release.ts';
import type { JsonObject } from '../../src/model/json/json.ts';
import { heldSpec } from '../../src/model/kubernetes/lease.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY, type Cli, cliFor, REPOSITORY } from './support/cli.ts';
import { countedWrites } from './support/cut-off.ts';
import { exactObjects } from './support/exact-objects.ts';
import { assertSettings } from './support/helm-goes-on.ts';
import { interruptLikeTerminal } from './support/interrupt.ts';
import { latencyProxy } from './support/latency-proxy.ts';
import { describe as describeRun, expectCode, type Outcome } from './support/process.ts';
import {
  type Fault,
  type RecordedRequest,
  type RecordingProxy,
  recordingProxy,
  refusal,
} from './support/recording-proxy.ts';
import { aRelease, type TestRelease } from './support/release.ts';
import { NEXT_SETTINGS, NEXT_VALUES, RICH_SETTINGS, RICH_VALUES } from './support/rich-values.ts';
import { backupsIn } from './support/store-files.ts';

const cluster = await ensureCluster();
const [helm3, helm4] = [cluster.helms[0]!, cluster.helms.at(-1)!];

/**
 * What can go wrong with a write, at a write from the first object to the last, and whether a restore goes on all the
 * same. Each of them at every write is tried by test/property/restore/api-faults.slow.test.ts.
 */
const FAULTS: {
  what: string;
  write: number;
  at: 'request' | 'answer';
  fault?: Fault | 'cut';
  passes?: true;
}[] = [
  {
    what: '500 instead of the write',
    write: 2,
    at: 'request',
    fault: refusal(500, 'InternalError'),
    passes: true,
  },
  { what: 'the connection broke before the write', write: 3, at: 'request', fault: 'cut', passes: true },
  { what: 'the connection broke after the write, before its answer', write: 4, at: 'answer', passes: true },
  { what: '403 instead of the write', write: 5, at: 'request', fault: refusal(403, 'Forbidden') },
  {
    what: '429 without a time',
    write: 6,
    at: 'request',
    fault: refusal(429, 'TooManyRequests'),
    passes: true,
  },
  {
    what: '429 for a second',
    write: 7,
    at: 'request',
    fault: refusal(429, 'TooManyRequests', { 'retry-after': '1' }),
    passes: true,
  },
];

describe('a fault of the API server at a write', { concurrency: 2 }, () => {
  for (const [index, binary] of [helm3, helm4].entries()) {
    test(`is waited for, and a refusal undone (${binary.name})`, async () => {
      await using scene = await anUpgradedRelease(binary);
      const { release, proxy, through } = scene;
      const { name } = release;
      for (const { what, write, at, fault, passes } of FAULTS.filter((_, place) => place % 2 === index)) {
        await scene.spoil();
        const bad = await exactObjects(release.kubectl, name);

        const met = atWrite(proxy, write, at === 'request' ? { fault } : { losesAnswer: true });
        const outcome = await through.run('restore', name, '--yes');
        const { request } = met();

        const shown = `${what}: ${request?.method} ${request?.path}\n${describeRun(outcome)}`;
        assert.notEqual(request, undefined, shown);
        assert.equal(outcome.code === 0, passes === true, shown);
        if (passes) {
          await assertIs(release, RICH_VALUES, RICH_SETTINGS, shown);
        } else {
          assert.deepEqual(await exactObjects(release.kubectl, name), bad, shown);
          await assertIs(release, NEXT_VALUES, NEXT_SETTINGS, shown);
          assert.match(outcome.stderr, /failed and was undone/, shown);
          assert.doesNotMatch(outcome.stderr, /undo my-memcached/, shown);
          // Helm goes on from there with the next upgrade.
          assert.match(await release.helm.ok('status', name), /^STATUS: deployed$/m, shown);
        }
        assertOnce(
          proxy.requests.filter((each) => at === 'answer' || each !== request),
          shown,
        );
      }
    });
  }

  test('that goes away for good in the middle: it says what was written; undo completes later', async () => {
    await using scene = await anUpgradedRelease(helm4);
    const { release, proxy, through } = scene;
    const { name, cli } = release;
    await scene.spoil();
    const bad = await exactObjects(release.kubectl, name);
    let writes = 0;
    proxy.fault = (request) => {
      if (countedWrites([request]).length === 1) writes++;
      return writes >= 5 ? 'cut' : undefined;
    };

    const outcome = await through.run('restore', name, '--yes');
    proxy.fault = undefined;

    const shown = describeRun(outcome);
    assert.equal(outcome.code, 1, shown);
    assert.match(outcome.stderr, /and so did its undo/, shown);
    assert.match(
      outcome.stderr,
      /No object was changed|Written before that: |Not known, because no answer came: /,
      shown,
    );
    assert.match(outcome.stderr, /Next: once the cause is gone: .*undo my-memcached -n /, shown);
    expectCode(await cli.run('undo', name, '--yes'));
    assert.deepEqual(await exactObjects(release.kubectl, name), bad, shown);
    await assertIs(release, NEXT_VALUES, NEXT_SETTINGS, shown);
  });

  test('that stalls holds nobody up who has ended the command: nothing is undone, undo completes', async () => {
    await using scene = await anUpgradedRelease(helm3);
    const { release, proxy, through } = scene;
    const { name, namespace } = release;
    const isWrite = ({ method, path }: RecordedRequest): boolean =>
      method === 'PUT' && /\/deployments\//.test(path) && !/dryRun/.test(path);
    // From source, where nothing ends requests after a signal: the process is the last to end it.
    const endless = `const real = setTimeout;
      globalThis.setTimeout = (then, ms, ...rest) => real(then, ms === 2500 ? 1e8 : ms, ...rest);`;
    const fromSource = [
      '--import',
      `data:text/javascript,${encodeURIComponent(endless)}`,
      join(REPOSITORY, 'src/main.ts'),
    ];
    for (const [when, signal, isPoint] of [
      ['planning', 'SIGINT', ({ path }) => /dryRun=All/.test(path)],
      ['the write', 'SIGTERM', isWrite],
      ['the wait', 'SIGHUP', ({ method, path }) => method === 'GET' && /\/replicasets/.test(path)],
      ['the proof', 'SIGINT', ({ path }) => /\/portforward/.test(path)],
      ['the last resort', 'SIGINT', isWrite],
    ] as [string, 'SIGINT' | 'SIGTERM' | 'SIGHUP', (request: RecordedRequest) => boolean][]) {
      const reached = Promise.withResolvers<void>();
      const isLast = when === 'the last resort';
      let [hasWritten, hasStalled] = [when === 'planning' || when === 'the write' || isLast, false];
      proxy.fault = (request) => {
        hasStalled ||= hasWritten && isPoint(request);
        hasWritten ||= isWrite(request);
        if (!hasStalled) return undefined;
        reached.resolve();
        return new Promise(() => {});
      };

      const program = { program: isLast ? process.execPath : BINARY, env: through.env };
      const args = ['restore', name, '--yes', '-n', namespace, '--store', release.cli.store];
      const ended = await interruptLikeTerminal(
        program,
        [...(isLast ? fromSource : []), ...args],
        reached.promise,
        signal,
      );
      proxy.fault = undefined;

      const shown = `${when}: ${describeRun(ended)}`;
      assert.equal(ended.code, 130, shown);
      assert.ok(ended.sinceSignalMs < 5_000, `${shown}\nended ${ended.sinceSignalMs} ms after ${signal}`);
      assert.match(
        ended.stderr,
        /Interrupted; ending what is in hand \(.+\)\. Once more \(Ctrl-C\) ends it now\./,
        shown,
      );
      assert.doesNotMatch(ended.stderr, /Undoing/, shown);
      if (when === 'planning') {
        assert.match(ended.stderr, /The cluster was not changed/, shown);
        continue;
      }
      const undo = `kubectl memcached-backup undo ${name} -n ${namespace} --store ${release.cli.store}`;
      if (isLast) {
        assert.match(ended.stderr, /error: interrupted, and it did not end in time\nThe restore of /, shown);
        assert.match(
          ended.stderr,
          /not known, because no answer came: deployment\.apps\/.*\nIts journal: \/.*jsonl\n/,
          shown,
        );
        assert.ok(ended.stderr.endsWith(`what is half done: ${undo}\n`), shown);
        expectCode(await through.run('undo', name, '--yes'));
        continue;
      }
      assert.ok(ended.stderr.includes(`to go back: ${undo}`), shown);
      if (when === 'the write')
        assert.match(ended.stderr, /deployment\.apps\/\S+.*not known|not known.*deployment/i, shown);
      expectCode(await through.run('undo', name, '--yes'));
    }
  });

  test('that is slow is waited for', async () => {
    await using scene = await anUpgradedRelease(helm3);
    const { release } = scene;
    await using far = await latencyProxy(cluster.kubectl, cluster.kubeconfig, 150);
    using cli = cliFor(cluster, { ...release, kubeconfig: far.kubeconfig });
    await scene.spoil();
    expectCode(await cli.run('restore', release.name, '--yes', '--store', release.cli.store));
    await assertIs(release, RICH_VALUES, RICH_SETTINGS, 'slow');
  });
});

describe('somebody else, between the plan and the write', { concurrency: 2 }, () => {
  test('changes, creates and deletes objects: the restore stops, undoes its own work and leaves theirs', async () => {
    await using scene = await anUpgradedRelease(helm4);
    const { release, proxy, through } = scene;
    const { name, kubectl } = release;
    const own = (objects: Record<string, JsonObject>, kind: string) => {
      const { [`${kind}/${name}`]: theirs, ...others } = objects;
      return { theirs, others };
    };
    const changes: {
      kind: string;
      says: RegExp;
      before?: () => Promise<unknown>;
      change: () => Promise<unknown>;
    }[] = [
      {
        kind: 'Service',
        says: /service\/my-memcached was changed by somebody else while the restore was writing it/,
        before: () => kubectl.ok('patch', 'service', name, '-p', '{"spec":{"sessionAffinity":"ClientIP"}}'),
        change: () =>
          kubectl.ok('patch', 'service', name, '-p', '{"spec":{"publishNotReadyAddresses":true}}'),
      },
      {
        kind: 'PodDisruptionBudget',
        says: /poddisruptionbudgets\.policy "my-memcached" already exists/,
        change: () =>
          kubectl.ok('create', 'poddisruptionbudget', name, '--selector=a=b', '--max-unavailable=1'),
      },
      {
        kind: 'Deployment',
        says: /deployments\.apps "my-memcached" not found|deployment\.apps\/my-memcached was changed by somebody else/,
        change: () => kubectl.objects.delete(`deployment/${name}`),
      },
    ];
    for (const { kind, says, before, change } of changes) {
      await scene.spoil();
      await before?.();
      const bad = own(await exactObjects(kubectl, name), kind).others;
      let theirs: JsonObject | undefined;
      // Helm's record is the first write of all, after the plan that counts.
      const met = atWrite(proxy, 2, {
        meanwhile: async () => {
          await change();
          theirs = await read(kubectl, kind, name);
        },
      });
      const outcome = await through.run('restore', name, '--yes');
      met();

      const shown = describeRun(outcome);
      assert.equal(outcome.code, 1, shown);
      assert.match(outcome.stderr, says, shown);
      assert.deepEqual(own(await exactObjects(kubectl, name), kind).others, bad, shown);
      const now = await read(kubectl, kind, name);
      assert.deepEqual(now?.spec, theirs?.spec, `what somebody else did stays: ${shown}`);
      await kubectl.run('delete', kind, name);
    }
  });

  test('writes the Helm record that the restore was about to write: nothing else is written, nor undone', async () => {
    await using scene = await anUpgradedRelease(helm4);
    const { release, proxy, through } = scene;
    const { name, kubectl } = release;
    // With their uids and resourceVersions: nobody wrote to them.
    const records = async (): Promise<string[]> => {
      const columns =
        '{range .items[*]}{.metadata.name} {.metadata.uid} {.metadata.resourceVersion}{"\\n"}{end}';
      const type = '--field-selector=type=helm.sh/release.v1';
      return (await kubectl.ok('get', 'secrets', type, '-o', `jsonpath=${columns}`)).trim().split('\n');
    };
    const recordName = (revision: number) => `sh.helm.release.v1.${name}.v${revision}`;
    const newest = decodeRevision(await kubectl.objects.get(`secret/${recordName(2)}`));
    const isRecord = ({ method, path }: RecordedRequest) =>
      method === 'POST' && /\/namespaces\/[^/]+\/secrets\b/.test(path);
    await release.cli.ok('backup', name);
    const [first, second] = backupsIn(release.cli.store).map(({ document }) => document.id);
    const cases = [
      { backup: first, revision: 3, status: 'deployed' },
      { backup: first, revision: 3, status: 'pending-upgrade' },
      // The history is lost: the restore would write it again, from the first revision.
      { backup: first, lost: [1, 2], revision: 1, status: 'deployed' },
      { backup: second, revision: 2, status: 'pending-upgrade' },
    ] as const;
    for (const { backup, revision, status, ...already } of cases) {
      if ('lost' in already) await kubectl.ok('delete', 'secret', ...already.lost.map(recordName));
      const before = { objects: await exactObjects(kubectl, name), records: await records() };
      let theirs: string | undefined;
      let count = 0;
      const isIt = (request: RecordedRequest) => isRecord(request) && (backup === first || ++count === 2);
      const met = atWrite(proxy, isIt, {
        meanwhile: async () => {
          const at = new Date(Date.now() - 1_000);
          const change = { status, revision, deployedAt: at.toISOString() };
          await kubectl.apply(newRecord(newest, release.namespace, change, at));
          theirs = (await records()).find((record) => record.startsWith(`${recordName(revision)} `));
        },
      });
      const outcome = await through.run('restore', `${name}@${backup}`, '--yes');
      const { request } = met();

      const shown = `${status} revision ${revision}: ${describeRun(outcome)}`;
      assert.ok(theirs !== undefined && request !== undefined, shown);
      assert.equal(outcome.code, 1, shown);
      assert.match(
        outcome.stderr,
        new RegExp(
          `Helm is at work: secret/${recordName(revision)}, written \\d+ s ago, is ${status}, and somebody else wrote it`,
        ),
        shown,
      );
      assert.doesNotMatch(outcome.stderr, /Undoing|as it was/, shown);
      const written = countedWrites(proxy.requests).filter(({ path }) => !path.includes('/leases'));
      assert.ok(
        written.every(({ path }) => path.includes('/secrets')),
        JSON.stringify(written),
      );
      const undone = await through.run('undo', name, '--yes');
      assert.match(expectCode(undone, 1).stderr, /wrote nothing: there is nothing to undo/);
      const now = { objects: await exactObjects(kubectl, name), records: await records() };
      const there = before.records.filter((record) => record !== '');
      assert.deepEqual(now, { ...before, records: [...there, theirs].sort() }, shown);
      await kubectl.objects.delete(`secret/${recordName(revision)}`);
    }
  });

  test('takes the Lease over: the restore stops, undoes nothing and leaves it to them', async () => {
    await using scene = await anUpgradedRelease(helm3);
    const { release, proxy, through } = scene;
    const { name, kubectl } = release;
    await scene.spoil();
    const lease = `memcached-backup.${name}`;
    const met = atWrite(proxy, 3, {
      meanwhile: async () => {
        const now = new Date(Date.now() + 60_000);
        const spec = heldSpec({ host: 'elsewhere', pid: 77, user: 'ada' }, now, now);
        await kubectl.ok('patch', 'lease', lease, '--type=merge', '-p', JSON.stringify({ spec }));
        await sleep(7000); // until it is renewed
      },
    });

    const outcome = await through.run('restore', name, '--yes');
    met();

    const shown = describeRun(outcome);
    assert.equal(outcome.code, 1, shown);
    assert.match(
      outcome.stderr,
      /the restore of my-memcached was stopped: its Lease was lost: ada@elsewhere\/77/,
    );
    assert.match(outcome.stderr, /Written before that: /, shown);
    assert.doesNotMatch(outcome.stderr, /Undoing/, shown);
    const holder = await kubectl.objects.field(`lease/${lease}`, '.spec.holderIdentity');
    assert.equal(holder, 'ada@elsewhere/77', 'they keep it');
    const history = await release.helm.history(name);
    assert.equal(history.at(-1)?.status, 'failed', 'nothing stays pending');

    await kubectl.objects.delete(`lease/${lease}`);
    expectCode(await release.cli.run('undo', name, '--yes'));
    await assertIs(release, NEXT_VALUES, NEXT_SETTINGS, shown);
  });
});

interface Scene extends AsyncDisposable {
  release: TestRelease;
  proxy: RecordingProxy;
  /** The tool, which reaches the API server through the proxy. */
  through: Cli;
  /** A bad upgrade, and objects that are gone. */
  spoil(): Promise<void>;
}

/** A release with a backup, upgraded to something bad since. */
async function anUpgradedRelease(binary: typeof helm3): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const release = stack.use(
    await aRelease(cluster, binary).withPassword().withValues(RICH_VALUES).installed(),
  );
  const proxy = stack.use(await recordingProxy(cluster.kubectl, cluster.kubeconfig));
  const cli = stack.use(cliFor(cluster, { ...release, kubeconfig: proxy.kubeconfig }));
  const { name, kubectl, cli: direct } = release;
  await direct.ok('backup', name);
  const spoil = async () => {
    await release.upgradeBadly({ ...release.values, ...NEXT_VALUES });
    await kubectl.objects.delete(`networkpolicy/${name}`);
  };
  await spoil();
  const inStore = (args: string[]): string[] => [...args, '--store', direct.store];
  const through: Cli = {
    ...cli,
    run: (...args) => {
      proxy.requests.length = 0;
      return cli.run(...inStore(args));
    },
  };
  const held = stack.move();
  return { release, proxy, through, spoil, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** Something happens once, at a certain write, counted or told. @returns a function that ends it and tells which write it met. */
function atWrite(
  proxy: RecordingProxy,
  write: number | ((request: RecordedRequest) => boolean),
  event: { fault?: Fault | 'cut' | undefined; losesAnswer?: true; meanwhile?: () => Promise<unknown> },
): () => { request: RecordedRequest | undefined } {
  let writes = 0;
  let request: RecordedRequest | undefined;
  proxy.fault = async (incoming) => {
    if (request !== undefined || countedWrites([incoming]).length === 0) return undefined;
    writes++;
    if (typeof write === 'number' ? writes !== write : !write(incoming)) return undefined;
    request = incoming;
    await event.meanwhile?.();
    return event.fault;
  };
  if (event.losesAnswer) proxy.losesAnswer = (answered) => answered === request;
  return () => {
    proxy.fault = undefined;
    proxy.losesAnswer = undefined;
    return { request };
  };
}

/** One revision is deployed, the newest, with these values; its pods run with these settings. */
async function assertIs(
  release: TestRelease,
  given: JsonObject,
  settings: Record<string, string>,
  what: string,
): Promise<void> {
  const { helm, name, values } = release;
  const history = await helm.history(name);
  const open = history.filter(({ status }) => status === 'deployed' || status.startsWith('pending'));
  assert.deepEqual(open, history.slice(-1), what);
  const got = JSON.parse(await helm.ok('get', 'values', name, '-o', 'json'));
  assert.deepEqual(got, { ...values, ...given }, what);
  await assertSettings(release, settings);
}

/**
 * No object was created twice: what somebody did not hear of was looked for, not done again.
 * @param requests those that came to the API server.
 */
function assertOnce(requests: RecordedRequest[], what: string): void {
  const created = countedWrites(requests)
    .filter(
      ({ method, path }) => method === 'POST' && !path.includes('/leases') && !path.includes('/secrets'),
    )
    .map(({ path }) => path);
  const twice = created.filter((path, i) => created.indexOf(path) !== i);
  assert.deepEqual(twice, [], what);
}

async function read(
  kubectl: TestRelease['kubectl'],
  kind: string,
  name: string,
): Promise<JsonObject | undefined> {
  const outcome: Outcome = await kubectl.run('get', kind, name, '-o', 'json');
  return outcome.code === 0 ? (JSON.parse(outcome.stdout) as JsonObject) : undefined;
}
