import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { helm, tool } from '../../../../src/advice/command.ts';
import { lastLines } from '../../../../src/doctor/log-lines.ts';
import { judgeBudgets } from '../../../../src/doctor/rollout/budget.ts';
import { judgeDrift } from '../../../../src/doctor/rollout/drifted.ts';
import { judgeHelmStatus } from '../../../../src/doctor/rollout/helm-status.ts';
import { judgeLiveSettings } from '../../../../src/doctor/rollout/live-settings.ts';
import type { LeaseSeen } from '../../../../src/doctor/rollout/mend-pending.ts';
import { judgePausedWorkloads } from '../../../../src/doctor/rollout/paused-workloads.ts';
import { judgeReadAtStart } from '../../../../src/doctor/rollout/read-at-start.ts';
import { judgeReleaseExists, type OtherPlace } from '../../../../src/doctor/rollout/release-exists.ts';
import { partsAt, sideBySideText } from '../../../../src/doctor/rollout/side-by-side.ts';
import { judgeUnreadConfigMaps } from '../../../../src/doctor/rollout/unread-config.ts';
import type { WaysBack } from '../../../../src/doctor/rollout/ways-back.ts';
import {
  decodeRevision,
  type HelmRevision,
  type HelmStatus,
} from '../../../../src/model/helm/helm-release.ts';
import { arrayAt, type JsonObject, objectAt } from '../../../../src/model/json/json.ts';
import { HELD_LABEL } from '../../../../src/model/kubernetes/held-rollout.ts';
import { labelsOf, refOf } from '../../../../src/model/kubernetes/object.ts';
import { aConfigMap, aContainer, aDeployment, anObject, withContainer } from '../../../support/objects.ts';
import { allSpelled } from '../../spelled.ts';
import { aSubject, NOW, RELEASE } from './a-subject.ts';

const WAYS: WaysBack = {
  rollback: { advice: helm('rollback', 'cart', 1, '-n', 'shop'), why: 'revision 1: its pods are ready' },
};

const MIB = 2 ** 20;
const codesOf = (findings: { code: string }[]): string[] => findings.map(({ code }) => code);

describe('settings side by side', () => {
  const manifestOf = (megabytes: string) => withContainer(aDeployment('cart'), { args: ['-m', megabytes] });
  const row = (subject: ReturnType<typeof aSubject>) => subject.rows.find(({ key }) => key === 'maxbytes')!;
  const stats = { maxbytes: String(64 * MIB) };
  const cases: [name: string, subject: ReturnType<typeof aSubject>, parts: string | undefined][] = [
    ['agree', aSubject({}, { manifest: manifestOf('64'), stats }), undefined],
    ['part at the template, changed by hand', aSubject({}, { manifest: manifestOf('32'), stats }), 'release'],
    ['part at the pods, of an older template', aSubject({}, { args: ['-m', '96'], stats }), 'template'],
    ['part in the running server', aSubject({}, { stats: { maxbytes: '1' } }), 'pods'],
    ['nobody answered', aSubject(), undefined],
  ];
  for (const [name, subject, parts] of cases) test(name, () => assert.equal(partsAt(row(subject)), parts));

  test('are told in one line', () => {
    assert.equal(
      sideBySideText(row(aSubject({}, { manifest: manifestOf('32'), stats }))),
      'maxbytes: release 33554432 (32 MiB), template 67108864 (64 MiB), pods configured with 67108864 (64 MiB), running with 67108864 (64 MiB)',
    );
  });
});

test('a setting of the running server that its arguments do not say', () => {
  const stats = { maxbytes: String(20 * MIB), maxconns: '1024', verbosity: '1' };
  const [found, ...more] = judgeLiveSettings(aSubject({}, { stats }));
  assert.deepEqual(more, []);
  assert.equal(found?.code, 'MB522');
  // Nobody named the verbosity: a default is no promise.
  assert.deepEqual(found?.evidence, [
    { text: `pod/cart-1: maxbytes is ${20 * MIB} (20 MiB), its arguments say ${64 * MIB} (64 MiB)` },
  ]);
});

describe('workloads that hold a change back', () => {
  const set = (spec: JsonObject): JsonObject => ({ kind: 'StatefulSet', spec });
  const onDelete = set({ updateStrategy: { type: 'OnDelete' } });
  const partition = set({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } });
  const held = (changes: JsonObject): JsonObject => ({
    ...changes,
    metadata: { labels: { [HELD_LABEL]: 'memcached-backup-x' } },
  });
  const cases: [name: string, found: string[], expected: string[]][] = [
    ['none', codesOf(judgePausedWorkloads(aSubject())), []],
    ['paused', codesOf(judgePausedWorkloads(aSubject({ spec: { paused: true } }))), ['MB543']],
    ['OnDelete, nothing old', codesOf(judgePausedWorkloads(aSubject(onDelete))), []],
    ['OnDelete', codesOf(judgePausedWorkloads(aSubject(onDelete, { current: false }))), ['MB542']],
    ['a partition', codesOf(judgePausedWorkloads(aSubject(partition, { current: false }))), ['MB544']],
    ['no replicas', codesOf(judgePausedWorkloads(aSubject({ spec: { replicas: 0 } }))), ['MB545']],
    ['a rollout under way', codesOf(judgePausedWorkloads(aSubject({}, { current: false }))), []],
  ];
  for (const [name, found, expected] of cases) test(name, () => assert.deepEqual(found, expected));

  test('a paced restore: nobody is told to let its pods go, nor does a repair', () => {
    const paused = aSubject(held({ spec: { paused: true } }), { current: false });
    const set = aSubject(held({ kind: 'StatefulSet', spec: { updateStrategy: { type: 'OnDelete' } } }), {
      current: false,
    });
    const found = [paused, set].flatMap(judgePausedWorkloads);
    assert.deepEqual(codesOf(found), ['MB543', 'MB542']);
    for (const { summary, advice = [], repair } of found) {
      assert.match(summary, /^a paced restore holds it: 1 of its pods keep an older template/);
      assert.deepEqual([advice, repair], [[], undefined]);
    }
  });
});

describe('what Helm says', () => {
  const revision = (number: number, status: HelmStatus, at: string): HelmRevision => ({
    driver: 'secret',
    record: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'r',
        uid: 'u',
        resourceVersion: '7',
        labels: { name: 'cart', owner: 'helm', status, version: String(number) },
      },
    },
    name: 'cart',
    revision: number,
    status,
    document: { info: { last_deployed: at, description: 'x' } },
  });
  const said = (status: HelmStatus, at: string, lease: LeaseSeen = 'absent') =>
    judgeHelmStatus([revision(1, 'deployed', '2026-11-20T00:00:00Z'), revision(2, status, at)], RELEASE, [], {
      now: NOW,
      lease,
      ways: WAYS,
    });
  test('deployed', () => assert.deepEqual(said('deployed', '2026-11-24T11:00:00Z'), []));
  test('failed', () => assert.deepEqual(codesOf(said('failed', '2026-11-24T11:00:00Z')), ['MB511']));
  test('pending for nine minutes, and for eleven', () => {
    assert.deepEqual(codesOf(said('pending-upgrade', '2026-11-24T11:51:00Z')), ['MB513']);
    const [found] = said('pending-upgrade', '2026-11-24T11:49:00Z');
    assert.equal(found?.code, 'MB512');
    assert.deepEqual(allSpelled(found?.advice), [
      'helm history cart -n shop',
      'helm rollback cart 1 -n shop',
    ]);
  });
  test('is as old as its record, not as the revision that a restore wrote back', () => {
    const [found] = said('failed', '2026-11-20T11:00:00Z', 'absent');
    assert.equal(found?.evidence[0]?.at, '2026-11-20T11:00:00Z');
    const old = revision(2, 'failed', '2026-11-20T11:00:00Z');
    const labels = { ...labelsOf(old.record), createdAt: '1795476600', modifiedAt: '1795476900' };
    const record = { ...old.record, metadata: { ...objectAt(old.record, 'metadata'), labels } };
    const [written] = judgeHelmStatus([{ ...old, record }], RELEASE, [], {
      now: NOW,
      lease: 'absent',
      ways: WAYS,
    });
    assert.equal(written?.evidence[0]?.at, '2026-11-23T23:35:00.000Z');
  });
  test('pending since nobody knows when', () =>
    assert.deepEqual(codesOf(said('pending-upgrade', '')), ['MB512']));

  test('pending for long is mended as it was read, where nobody is at work', () => {
    const lease = { spec: { holderIdentity: 'ada@there/7' } };
    const pending = (seen?: LeaseSeen, at = '2026-11-24T11:49:00Z', status: HelmStatus = 'pending-upgrade') =>
      said(status, at, seen)[0]!;
    for (const seen of ['absent', { lease, abandoned: true }] as const) {
      const [step] = pending(seen).repair!.steps;
      assert.equal(step?.action, 'patch');
      const operations = step?.action === 'patch' ? step.operations : [];
      assert.deepEqual(operations.slice(0, 2), [
        { op: 'test', path: '/metadata/uid', value: 'u' },
        { op: 'test', path: '/metadata/resourceVersion', value: '7' },
      ]);
      const labels = operations[2]?.value as Record<string, string>;
      assert.deepEqual([labels.status, labels.owner], ['failed', 'helm']);
      const record = { kind: 'Secret', metadata: {}, data: { release: operations[3]?.value ?? '' } };
      assert.equal(decodeRevision(record).status, 'failed');
    }
    const whyNot = (found: ReturnType<typeof pending>) => {
      assert.equal(found.repair, undefined);
      return found.evidence.at(-1)?.text ?? '';
    };
    assert.match(whyNot(pending({ lease, abandoned: false })), /is at work on the release \(ada@there\/7\)/);
    const [unknowing] = judgeHelmStatus(
      [revision(1, 'pending-upgrade', '2026-11-24T11:49:00Z')],
      RELEASE,
      [],
      {
        now: NOW,
        lease: undefined,
        ways: {},
      },
    );
    assert.match(whyNot(unknowing!), /can’t be told/);
    assert.match(whyNot(pending('absent', '')), /since when/);
    const document = { info: { deleted: '2026-11-24T11:00:00Z' } };
    const uninstalling = { ...revision(1, 'uninstalling', ''), document };
    const [hangs] = judgeHelmStatus([uninstalling], RELEASE, [], { now: NOW, lease: 'absent', ways: WAYS });
    assert.match(whyNot(hangs!), /by running it again/);
  });

  const long = '2026-11-24T10:00:00Z';
  const fixOf = (...statuses: HelmStatus[]) =>
    allSpelled(
      judgeHelmStatus(
        statuses.map((status, index) => revision(index + 1, status, long)),
        RELEASE,
        [],
        { now: NOW, lease: 'absent', ways: WAYS },
      )[0]?.advice,
    );
  const HISTORY = 'helm history cart -n shop';
  const BACK = 'helm rollback cart 1 -n shop';
  test('what failed, or never ended: back to what was up, where anything tells that', () => {
    assert.deepEqual(fixOf('superseded', 'superseded', 'failed'), [HISTORY, BACK]);
    assert.deepEqual(fixOf('superseded', 'superseded', 'pending-rollback'), [HISTORY, BACK]);
    const [found] = judgeHelmStatus([revision(1, 'failed', long)], RELEASE, [], {
      now: NOW,
      lease: 'absent',
      ways: {},
    });
    assert.deepEqual(allSpelled(found?.advice), [HISTORY]);
    assert.equal(found?.waysBack, undefined);
  });
  test('nobody is told to uninstall what failed, whose pods may run well', () =>
    assert.doesNotMatch(fixOf('failed').join(), /uninstall/));
  test('an install that never ended goes', () =>
    assert.equal(fixOf('pending-install').at(-1), 'helm uninstall cart -n shop'));
  test('an uninstall is as old as its own beginning', () => {
    const info = { last_deployed: long, deleted: '2026-11-24T11:59:00Z', description: 'x' };
    const begun = { ...revision(1, 'uninstalling', long), document: { info } };
    assert.deepEqual(
      codesOf(judgeHelmStatus([begun], RELEASE, [], { now: NOW, lease: 'absent', ways: WAYS })),
      ['MB513'],
    );
  });
  test('an uninstall that never ended is done, or taken back', () =>
    assert.deepEqual(fixOf('superseded', 'uninstalling'), [HISTORY, BACK, 'helm uninstall cart -n shop']));
});

describe('a release that is not there', () => {
  const revision = (status: HelmStatus): HelmRevision => ({
    driver: 'secret',
    record: {},
    name: 'cart',
    revision: 3,
    status,
    document: { info: { deleted: '2026-11-24T11:00:00Z' } },
  });
  const said = (history: HelmRevision[], workloads: JsonObject[] = [], canList = true) => {
    const ref = refOf(aDeployment('cart').object);
    const named = history.length === 0 ? [] : [{ ref, from: 'manifest' }];
    const live = { history, historyDenied: [], unreadable: [], named, namespace: {} };
    return judgeReleaseExists({ ...RELEASE, live, workloads }, canList, { restore, others });
  };
  let restore = [tool('restore', 'cart', '-n', 'shop')];
  let others: OtherPlace[] = [];
  const RESTORE = 'kubectl memcached-backup restore cart -n shop';
  test('nothing has its name, and there is a backup of it', () =>
    assert.deepEqual(allSpelled(said([])[0]?.advice), ['helm list -A', RESTORE]));
  test('there never was one: nothing is restored, and nothing is backed up', (t) => {
    t.after(() => {
      restore = [tool('restore', 'cart', '-n', 'shop')];
    });
    restore = [];
    const [found] = said([]);
    assert.deepEqual(allSpelled(found?.advice), ['helm list -A']);
    assert.match(found!.evidence[1]!.text, /^the store holds no backup of it either/);
  });
  test('it is in another namespace: that one is named', (t) => {
    t.after(() => {
      others = [];
      restore = [tool('restore', 'cart', '-n', 'shop')];
    });
    restore = [];
    others = [{ text: 'the store holds 3 backups', look: tool('doctor', 'cart', '-n', 'cache') }];
    const [found] = said([]);
    assert.deepEqual(allSpelled(found?.advice), [
      'helm list -A',
      'kubectl memcached-backup doctor cart -n cache',
    ]);
    assert.equal(found?.evidence[1]?.text, 'the store holds 3 backups');
  });
  test('Helm has uninstalled it and kept its records', () => {
    const [found] = said([revision('uninstalled')]);
    assert.equal(found?.code, 'MB510');
    assert.deepEqual(found?.evidence, [{ text: 'revision 3: uninstalled', at: '2026-11-24T11:00:00Z' }]);
    assert.deepEqual(allSpelled(found?.advice), [RESTORE, 'helm rollback cart 3 -n shop']);
  });
  test('what is there, or can’t be seen, is not gone', () => {
    assert.deepEqual(said([revision('deployed')]), []);
    assert.deepEqual(said([revision('uninstalled')], [aDeployment('cart').object]), []);
    assert.deepEqual(said([], [], false), []);
  });
});

test('drift names fields, and the settings in which it shows', () => {
  const manifest = withContainer(aDeployment('cart'), { args: ['-m', '32'] });
  const subject = aSubject({}, { manifest });
  const missing = refOf(anObject('v1', 'Service', 'cart').object);
  const found = judgeDrift(
    [
      { ref: subject.ref, manifest: manifest.object, paths: ['spec.template.spec.containers[0].args[1]'] },
      { ref: missing, manifest: {}, paths: 'missing' },
    ],
    [subject],
    RELEASE,
    7,
  );
  assert.deepEqual(codesOf(found), ['MB520', 'MB521']);
  assert.match(
    found[0]!.evidence[1]!.text,
    /^maxbytes: release 33554432 \(32 MiB\), template 67108864 \(64 MiB\)/,
  );
  assert.deepEqual(allSpelled(found[0]!.advice), [
    'helm get manifest cart -n shop | kubectl diff -n shop -f -',
    'helm rollback cart 7 -n shop',
  ]);
  assert.deepEqual(allSpelled(found[1]!.advice), ['helm rollback cart 7 -n shop']);
});

describe('what is read at the start', () => {
  const reader: JsonObject = {
    spec: { containers: [aContainer({ envFrom: [{ configMapRef: { name: 'env' } }] })] },
    status: {
      containerStatuses: [{ name: 'memcached', state: { running: { startedAt: '2026-11-24T11:00:00Z' } } }],
    },
  };
  const written = (fields: JsonObject, time: string, more: JsonObject = {}) =>
    aConfigMap('env')
      .served()
      .ownedBy('kubectl', fields, { time, ...more }).object;
  const said = (object: JsonObject) =>
    judgeReadAtStart(aSubject({}, { pod: reader }), (kind, name) =>
      kind === 'ConfigMap' && name === 'env' ? object : undefined,
    );
  test('changed after it', () => {
    const [found] = said(written({ 'f:data': {} }, '2026-11-24T11:00:01Z'));
    assert.equal(found?.code, 'MB550');
    assert.match(
      found?.evidence[1]?.text ?? '',
      /reads it by envFrom, was started; memcached has been running for 40 s$/,
    );
  });
  test('changed before it', () =>
    assert.deepEqual(said(written({ 'f:data': {} }, '2026-11-24T11:00:00Z')), []));
  test('only labelled since', () =>
    assert.deepEqual(said(written({ 'f:metadata': { 'f:labels': {} } }, '2026-11-24T11:30:00Z')), []));
  test('not by memcached: a mesh mounts its own, and reads them anew', () => {
    const spec = {
      volumes: [{ name: 'ca', configMap: { name: 'env' } }],
      containers: [
        aContainer(),
        { name: 'istio-proxy', image: 'proxy', volumeMounts: [{ name: 'ca', mountPath: '/ca' }] },
      ],
    };
    const object = written({ 'f:data': {} }, '2026-11-24T11:30:00Z');
    const found = judgeReadAtStart(aSubject({}, { pod: { ...reader, spec } }), () => object);
    assert.deepEqual(found, []);
  });
  test('by memcached’s own volume', () => {
    const spec = {
      volumes: [{ name: 'users', configMap: { name: 'env' } }],
      containers: [aContainer({ volumeMounts: [{ name: 'users', mountPath: '/users' }] })],
    };
    const object = written({ 'f:data': {} }, '2026-11-24T11:30:00Z');
    // What runs beside it was started anew since.
    const proxy = { name: 'proxy', state: { running: { startedAt: '2026-11-24T11:45:00Z' } } };
    const status = { containerStatuses: [...arrayAt(reader, 'status', 'containerStatuses'), proxy] };
    const found = judgeReadAtStart(aSubject({}, { pod: { spec, status } }), () => object);
    assert.deepEqual(codesOf(found), ['MB550']);
  });
  test('not there', () =>
    assert.deepEqual(
      judgeReadAtStart(aSubject({}, { pod: reader }), () => undefined),
      [],
    ));
});

test('a ConfigMap that nobody reads, unless it is a hook’s or somebody else’s', () => {
  const classified = (name: string, role: 'owned' | 'referenced', from: string) => {
    const { object } = aConfigMap(name);
    return { object, ref: refOf(object), role, from };
  };
  const reader = aDeployment('other').with({
    spec: { template: { spec: { volumes: [{ name: 'v', configMap: { name: 'read' } }] } } },
  }).object;
  const found = judgeUnreadConfigMaps(
    [
      classified('unread', 'owned', 'manifest'),
      classified('read', 'owned', 'manifest'),
      classified('before', 'owned', 'hook'),
      classified('elsewhere', 'referenced', 'x'),
    ],
    [reader],
    RELEASE,
  );
  assert.deepEqual(
    found.map(({ code, object }) => [code, object?.name]),
    [['MB551', 'unread']],
  );
});

test('a budget that is in the way for good, and not one that waits for a pod', () => {
  const budget = (status: JsonObject) =>
    judgeBudgets(aSubject({}, { pod: { metadata: { labels: { app: 'cart' } } } }), [
      anObject('policy/v1', 'PodDisruptionBudget', 'b').with({
        spec: { minAvailable: 1, selector: { matchLabels: { app: 'cart' } } },
        status: { expectedPods: 1, currentHealthy: 1, disruptionsAllowed: 0, ...status },
      }).object,
    ]);
  assert.deepEqual(codesOf(budget({})), ['MB541']);
  assert.deepEqual(codesOf(budget({ currentHealthy: 0 })), []);
  assert.deepEqual(codesOf(budget({ disruptionsAllowed: 1 })), []);
  assert.deepEqual(codesOf(budget({ expectedPods: 0, currentHealthy: 0 })), []);
});

test('log lines: the last that say something, without what looks like a secret', () => {
  const log = 'a\n\nuser=x password=s3cret rest\nAuthorization: Bearer abc.def\n--token abc\nend  \n';
  assert.deepEqual(lastLines(log, 4), [
    'user=x password=*** rest',
    'Authorization: Bearer ***',
    '--token ***',
    'end',
  ]);
});
