import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isObject, type JsonObject, stringAt, valueAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { assertDocumented, isDocumented } from '../support/documented-output.ts';
import { cliFor } from './support/cli.ts';
import { cutOffAtWrite } from './support/cut-off.ts';
import { aCrashLoop, aDaemonSet, applied, aReleaseOfUnknownUsers } from './support/fixtures/plain-yaml.ts';
import { namespaceNamed } from './support/namespace.ts';
import { expectCode } from './support/process.ts';
import { type RecordedRequest, recordingProxy, refusal } from './support/recording-proxy.ts';
import { aRelease } from './support/release.ts';
import { NEXT_VALUES, RICH_VALUES } from './support/rich-values.ts';

const cluster = await ensureCluster();
describe('what restore and undo print with -o json is as docs/schemas says', {
  concurrency: 3,
}, () => {
  test('nothing to do, a dry run of each kind, proved, undone', async () => {
    await using release = await aRelease(cluster, cluster.helms.at(-1)!)
      .withPassword()
      .withValues(RICH_VALUES)
      .installed();
    const { cli, name, values } = release;
    await cli.ok('backup', name);
    const nothing = assertDocumented(await cli.json(['restore', name, '--yes']));
    assert.equal(nothing.outcome, 'nothing-to-do');
    await release.upgrade({ ...values, ...NEXT_VALUES });
    for (const kind of ['client', 'server']) {
      const dry = assertDocumented(await cli.json(['restore', name, `--dry-run=${kind}`]));
      assert.deepEqual(Object.keys(dry), ['apiVersion', 'kind', 'plan']);
      assert.equal(stringAt(dry, 'plan', 'helm', 'action'), 'new-revision');
    }
    const restored = assertDocumented(await cli.json(['restore', name, '--yes']));
    assert.equal(restored.outcome, 'proved');
    assert.ok(isObject(restored.safetyBackup));
    const undone = assertDocumented(await cli.json(['undo', name, '--yes']));
    assert.deepEqual([undone.operation, undone.outcome], ['undo', 'proved']);
  });

  test('failed, undone and broken off: where each object stands, what nobody knows, and the undo', async () => {
    await using release = await aRelease(cluster, cluster.helms[0]!).withValues(RICH_VALUES).installed();
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    const { cli, name, namespace, helm } = release;
    using through = cliFor(cluster, { ...release, kubeconfig: proxy.kubeconfig });
    await cli.ok('backup', name);
    await release.upgrade({ ...release.values, ...NEXT_VALUES });
    const restore = ['restore', name, '--yes', '-o', 'json'];
    const takenBack = `kubectl memcached-backup undo ${name} -n ${namespace} --store ${cli.store}`;
    const isWrite = ({ method, path }: RecordedRequest): boolean =>
      method === 'PUT' && path.includes('/deployments/') && !path.includes('dryRun');
    const states = (report: JsonObject): string[] =>
      (report.standing as JsonObject[]).flatMap((object) =>
        object.state === 'as-before' ? [] : [`${stringAt(object, 'ref', 'kind')} ${object.state}`],
      );

    proxy.fault = (request) => (isWrite(request) ? refusal(403, 'Forbidden') : undefined);
    const undone = assertDocumented(await through.json(['restore', name, '--yes', '--store', cli.store], 1));
    assert.deepEqual([undone.outcome, undone.exitCode, undone.undo], ['undone', 1, undefined]);
    assert.match(String(stringAt(undone, 'error', 'message')), /failed and was undone: .*made up by a test/);
    assert.deepEqual(states(undone), ['Secret created', 'Secret created', 'Secret replaced'], "Helm's");
    const history = await helm.history(name);
    assert.deepEqual(
      history.slice(-2).map(({ status }) => status),
      ['failed', 'deployed'],
      "the undo's record is the one that counts",
    );

    // The answer of that write is lost, and the server with it.
    let isGone = false;
    proxy.fault = () => (isGone ? 'cut' : undefined);
    proxy.losesAnswer = (request) => {
      isGone ||= isWrite(request);
      return isGone;
    };
    const lost = expectCode(await through.run(...restore, '--store', cli.store), 1);
    [proxy.fault, proxy.losesAnswer] = [undefined, undefined];
    const failed = assertDocumented(JSON.parse(lost.stdout) as JsonObject);
    assert.deepEqual([failed.outcome, failed.exitCode, failed.undo], ['failed', 1, takenBack]);
    assert.ok(states(failed).includes('Deployment not-known'), lost.stdout);
    assert.match(
      lost.stderr,
      new RegExp(`not known, because no answer came: [^;]*deployment\\.apps/${name} `),
    );

    // A webhook that refuses every write, also of the undo.
    const denial = refusal(403, 'admission webhook "deny.example.org" denied the request: no');
    proxy.fault = ({ method, path }) =>
      method === 'PUT' && path.includes('/deployments/') ? denial : undefined;
    const blocked = assertDocumented(await through.json(['undo', name, '--yes', '--store', cli.store], 1));
    proxy.fault = undefined;
    assert.deepEqual([blocked.operation, blocked.outcome], ['undo', 'not-begun']);
    assert.equal(
      stringAt(blocked, 'error', 'next'),
      `once admission webhook deny.example.org is out of the way, this completes it: ${takenBack}`,
    );
    await cli.ok('undo', name, '--yes');

    const cut = await cutOffAtWrite(release, proxy, restore, {
      signal: 'SIGINT',
      write: isWrite,
      side: 'after',
    });
    const broken = assertDocumented(JSON.parse(expectCode(cut, 130).stdout) as JsonObject);
    assert.deepEqual([broken.outcome, broken.exitCode, broken.undo], ['broken-off', 130, takenBack]);
    assert.ok(states(broken).includes('Deployment replaced'), cut.stdout);

    const there = ['--kubeconfig', proxy.kubeconfig];
    const undo = await cutOffAtWrite(release, proxy, ['undo', name, '--yes', '-o', 'json', ...there], {
      signal: 'SIGTERM',
      write: isWrite,
      side: 'after',
    });
    const half = assertDocumented(JSON.parse(expectCode(undo, 130).stdout) as JsonObject);
    const asTyped = takenBack.replace('-backup undo', `-backup ${there.join(' ')} undo`);
    assert.deepEqual([half.operation, half.outcome, half.undo], ['undo', 'broken-off', asTyped]);
    assert.ok(undo.stderr.includes(`to complete it: ${asTyped}`), undo.stderr);
    assert.ok(states(half).includes('Deployment replaced'), undo.stdout);
  });

  test('into another namespace, and removed again', async () => {
    await using release = await aRelease(cluster, cluster.helms[0]!).withValues(RICH_VALUES).installed();
    const { cli, name, namespace } = release;
    await using copy = namespaceNamed(cluster, `${namespace}-copy`);
    await cli.ok('backup', name);
    const copied = assertDocumented(await cli.json(['restore', name, '--into', copy.namespace, '--yes']));
    assert.equal(copied.outcome, 'proved');
    assert.equal(stringAt(copied, 'plan', 'helm', 'action'), 'create-history');
    assert.notEqual(valueAt(copied, 'plan', 'mentions'), undefined);
    using there = cliFor(cluster, { namespace: copy.namespace });
    const removed = assertDocumented(await there.json(['undo', name, '--yes', '--store', cli.store]));
    assert.deepEqual([removed.outcome, removed.proof], ['removed', null]);
    assert.equal(stringAt(removed, 'plan', 'helm', 'action'), 'delete-history');
  });

  test('unproven: pods that let nobody ask them', async () => {
    await using release = await applied(cluster, aReleaseOfUnknownUsers(cluster));
    const { cli, kubectl, name } = release;
    await cli.ok('backup', name);
    await kubectl.ok('delete', 'deployment', name, '--wait');
    const report = assertDocumented(await cli.json(['restore', name, '--yes'], 5));
    assert.equal(report.outcome, 'unproven');
    assert.equal(stringAt(report, 'proof', 'verdict'), 'unproven');
  });

  test('unfinished: pods that never become ready', async () => {
    await using release = await applied(cluster, aCrashLoop(cluster));
    const { cli, kubectl, name } = release;
    await cli.run('backup', name);
    await kubectl.ok('delete', 'deployment', name, '--wait');
    const report = assertDocumented(await cli.json(['restore', name, '--yes', '--timeout', '4s'], 1));
    assert.deepEqual([report.outcome, report.proof], ['rollout-unfinished', null]);
  });

  test('a plan that is refused, of a DaemonSet in a place of somebody else', async () => {
    await using release = await applied(cluster, aDaemonSet(cluster));
    const { cli, kubectl, name } = release;
    await cli.ok('backup', name);
    const mark = 'argocd.argoproj.io/instance=shop';
    await kubectl.ok('label', 'daemonset/node-cache', mark);
    const report = assertDocumented(await cli.json(['restore', name, '--dry-run=server'], 1));
    assert.match(String(valueAt(report, 'plan', 'refusals')), /Argo CD application "shop"/);
    const refused = assertDocumented(await cli.json(['restore', name, '--yes'], 1));
    assert.deepEqual([refused.outcome, refused.undo], ['not-begun', undefined]);
    assert.match(String(stringAt(refused, 'error', 'message')), /Argo CD application "shop"/);
  });
});

test('the schema finds fault with what is not as documented', () => {
  const said = { apiVersion: 'memcached-backup/v1', kind: 'RestoreReport' };
  for (const wrong of [
    {},
    { plan: {} },
    { ...said, operation: 'undo', outcome: 'nothing-to-do', plan: {} },
    [],
  ])
    assert.equal(isDocumented('RestoreReport', wrong), false, JSON.stringify(wrong));
});
