import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checklistText } from '../../../src/commands/checklist-view.ts';
import { statusMetrics } from '../../../src/commands/status-metrics.ts';
import { statusColumns, statusData } from '../../../src/commands/status-view.ts';
import type { CheckedBox } from '../../../src/model/checklist/checklist.ts';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { textFormat } from '../../../src/model/metrics/text-format.ts';
import type { BackupDocument } from '../../../src/model/records/backup-format.ts';
import { summaryOf } from '../../../src/model/records/backup-summary.ts';
import { envelope } from '../../../src/output/envelope.ts';
import { toPrettyJson } from '../../../src/output/print.ts';
import { formatTable } from '../../../src/output/table.ts';
import { wrapText } from '../../../src/output/wrap.ts';
import { isProtected, newestWhole, nextRun, type ReleaseStatus } from '../../../src/status/release-status.ts';
import { totalOf } from '../../../src/status/store-total.ts';
import type { ListedBackup } from '../../../src/store/store.ts';
import { assertDocumented } from '../../support/documented-output.ts';
import { anObject } from '../../support/objects.ts';
import { assertGolden } from '../golden.ts';
import { aDrillReport } from '../model/records/a-drill-report.ts';
import { sampleDocument } from '../store/sample-backup.ts';

const NOW = new Date('2026-11-24T12:00:00Z');

function aStatus(changes: Partial<ReleaseStatus> = {}): ReleaseStatus {
  return {
    namespace: 'shop',
    release: 'cart',
    state: 'done',
    rollout: [],
    backup: {
      id: '20261124T033000Z',
      at: new Date('2026-11-24T03:30:00Z'),
      location: 'store/3f6c2a10/shop/cart/20261124T033000Z',
      bytes: 61_234,
      objects: 9,
      verifiedAt: '2026-11-24T11:59:00Z',
    },
    storeRead: true,
    drill: undefined,
    drillPassedAt: undefined,
    schedule: { cronJob: 'nightly', maker: 'tool', next: new Date('2026-11-25T03:30:00Z') },
    drift: { verdict: 'same', objects: 0, settings: [], helm: false },
    pods: { ready: 2, wanted: 2 },
    hits: { ratio: 0.973, reads: 1000, seconds: 0.3 },
    store: { location: 'store', backups: 37, bytes: 2_265_658 },
    ...changes,
  };
}

const NONE = { backup: undefined, drift: undefined, schedule: undefined, hits: undefined };
const DRILL = aDrillReport({ at: '2026-11-20T12:00:00.000Z', id: '20261120T120000Z' });
const ROWS = [
  aStatus({ drill: DRILL, drillPassedAt: DRILL.at }),
  aStatus({
    release: 'drifted',
    schedule: { cronJob: 'by-the-guide', maker: 'script', next: new Date('2026-11-24T12:30:00Z') },
    drift: { verdict: 'differs', objects: 2, settings: ['maxbytes'], helm: true },
    backup: { ...aStatus().backup!, verifiedAt: undefined },
    pods: { ready: 1, wanted: 2 },
  }),
  aStatus({
    release: 'never',
    drill: { ...DRILL, seconds: 1200.5, met: false },
    drillPassedAt: '2026-08-20T12:00:00.000Z',
    schedule: { cronJob: 'february-30', maker: 'tool', next: undefined },
  }),
  aStatus({
    release: 'not-compared',
    drill: { ...DRILL, outcome: 'failed', failure: 'a pod is not ready' },
    drift: { verdict: 'unproven', objects: 0, settings: [], helm: false },
  }),
  aStatus({ release: 'new', ...NONE }),
  aStatus({
    release: 'crashing',
    state: 'stuck',
    rollout: ['deployment.apps/cart: 1 of 2 pods are of the new template'],
    backup: { ...aStatus().backup!, unhealthy: ['a rollout was not finished'] },
  }),
  aStatus({ release: 'updating', state: 'rolling-out', pods: { ready: 1, wanted: 2 } }),
  aStatus({
    ...NONE,
    release: 'gone',
    state: 'gone',
    backup: aStatus().backup,
    pods: { ready: 0, wanted: 0 },
  }),
  aStatus({ release: 'store-away', ...NONE, storeRead: false, store: undefined }),
];

test('as metrics, for a textfile collector', () => {
  assertGolden('status.prom', textFormat(statusMetrics(ROWS, 's3://backups/shop')));
});

test('as metrics, where the store could not be opened, nothing is said of backups', () => {
  const text = textFormat(
    statusMetrics([aStatus({ ...NONE, storeRead: false, store: undefined })], undefined),
  );
  assert.equal(text.match(/^memcached_backup_\S+ .*$/gm)?.join('\n'), 'memcached_backup_store_readable 0');
});

test('as a table, and with every column', () => {
  const table = (wide: boolean, all = false, columns?: number) =>
    formatTable(ROWS, statusColumns(NOW, all), { wide, headers: true, columns });
  assertGolden('status.txt', table(false));
  assertGolden('status-wide.txt', table(true));
  assertGolden('status-80-columns.txt', table(false, false, 80) + table(false, true, 80));
});

test('as data', () => {
  const list = envelope('ReleaseStatusList', { items: ROWS.map(statusData) });
  assertGolden('status.json', toPrettyJson(assertDocumented(list)));
  for (const row of ROWS) assertDocumented(envelope('ReleaseStatus', statusData(row)));
});

test('the checklist, in eighty columns and as data', () => {
  const boxes: CheckedBox[] = [
    {
      box: 'daily-backup',
      title: 'Configuration backed up daily',
      state: 'ticked',
      why: '20261124T033000Z is 9 h old, and the day before it has one too',
    },
    {
      box: 'retention',
      title: 'Backup retention policy configured (30 days)',
      state: 'unknown',
      why: 'cronjob/nightly --keep-last 60: how many days that is, its runs decide, and nothing else that could be seen from here\u001b[2J',
    },
    {
      box: 'drills',
      title: 'Quarterly DR drills scheduled',
      state: 'open',
      why: 'no drill was measured yet',
    },
  ];
  const text = wrapText(checklistText(boxes), 80);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
  assertGolden('status-checklist.txt', text);
  assert.deepEqual(statusData(aStatus({ checklist: boxes.slice(2) })), {
    ...statusData(aStatus()),
    checklist: [boxes[2]],
  });
});

test('protected is what has a backup and a CronJob of this tool', () => {
  assert.deepEqual(ROWS.map(isProtected), [
    'yes',
    'by hand',
    'by hand',
    'yes',
    'no',
    'yes',
    'yes',
    'by hand',
    'no',
  ]);
});

test('the store’s total counts every backup, and no folder that is dark', () => {
  const summary = summaryOf(sampleDocument({}));
  const at = (id: string) => ({ cluster: 'c', namespace: 'n', release: 'r', id });
  const listed: ListedBackup[] = [
    { address: at('20261121T000000Z'), location: '', summary: { ...summary, bytes: 1000 } },
    { address: at('20261122T000000Z'), location: '', summary: { ...summary, bytes: 24, kind: 'safety' } },
    { address: at('20261123T000000Z'), location: '', damage: 'gone' },
    { address: { ...at(''), namespace: '' }, location: 'store/c', damage: 'dark' },
  ];
  assert.deepEqual(totalOf(listed, 'store'), { location: 'store', backups: 3, bytes: 1024 });
});

describe('the newest backup that a restore would take', () => {
  const listed = (
    id: string,
    changes: Partial<BackupDocument> = {},
    more: Partial<ListedBackup> = {},
  ): ListedBackup => ({
    address: { cluster: '3f6c2a10', namespace: 'shop', release: 'cart', id },
    location: id,
    summary: summaryOf({ ...sampleDocument({ namespace: 'shop', release: 'cart', id }), ...changes }),
    ...more,
  });
  const wanted = { cluster: { name: '3f6c2a10' }, namespace: 'shop', release: 'cart' };
  const good = listed('20261120T000000Z');
  const newer: [name: string, backup: ListedBackup][] = [
    ['a safety backup', listed('20261121T000000Z', { kind: 'safety' })],
    ['an incomplete one', listed('20261121T000000Z', { complete: false })],
    ['a damaged one', listed('20261121T000000Z', {}, { damage: 'gone' })],
    [
      'one that holds nothing of memcached',
      listed('20261121T000000Z', {
        objects: [],
        health: { podsReady: 0, podsWanted: 0, drift: [] },
        settings: { verdict: 'none', podsAnswered: 0, podsAsked: 0, differing: [] },
      }),
    ],
    ['an older one', listed('20261119T000000Z')],
    [
      'one of another release',
      { ...listed('20261121T000000Z'), address: { ...good.address, release: 'other' } },
    ],
    [
      'one of another namespace',
      { ...listed('20261121T000000Z'), address: { ...good.address, namespace: 'dev' } },
    ],
    [
      'one of another cluster',
      { ...listed('20261121T000000Z'), address: { ...good.address, cluster: 'other' } },
    ],
  ];
  for (const [name, backup] of newer) {
    test(`is not ${name}`, () => assert.equal(newestWhole([backup, good], wanted), good));
  }
  test('is a newer one in another folder of this cluster', () => {
    const nightly = listed('20261121T000000Z');
    nightly.address = { ...nightly.address, cluster: 'nightly' };
    const { uid, ...withoutUid } = good.summary!.cluster;
    nightly.summary = { ...nightly.summary!, cluster: withoutUid };
    const { caDigest } = withoutUid;
    const cluster = { name: '3f6c2a10', identity: { uid, caDigest } };
    assert.equal(newestWhole([good, nightly], { ...wanted, cluster }), nightly);
  });
  test('is a newer whole one', () => {
    const best = listed('20261121T000000Z');
    assert.equal(newestWhole([good, best], wanted), best);
  });
});

describe('the next run', () => {
  const aCronJob = (name: string, schedule: string, words: string[], spec: JsonObject = {}) =>
    anObject('batch/v1', 'CronJob', name).with({
      spec: {
        schedule,
        ...spec,
        jobTemplate: {
          spec: { template: { spec: { containers: [{ name: 'x', image: 'tools', command: words }] } } },
        },
      },
    }).object;
  const tool = ['kubectl-memcached_backup', 'backup'];
  const script = ['sh', '-c', 'kubectl get configmap my-memcached -o yaml > /backup/cm.yaml'];
  const said = async (...cronJobs: JsonObject[]) => {
    const run = await nextRun(cronJobs, 'cart', NOW);
    return run && [run.cronJob, run.maker, run.next?.toISOString()];
  };
  test('is the first one due', async () => {
    assert.deepEqual(await said(aCronJob('late', '0 20 * * *', tool), aCronJob('soon', '0 13 * * *', tool)), [
      'soon',
      'tool',
      '2026-11-24T13:00:00.000Z',
    ]);
  });
  test('of this tool, before that of a script', async () => {
    const [name] = (await said(
      aCronJob('guide', '1 12 * * *', script),
      aCronJob('tool', '0 20 * * *', tool),
    ))!;
    assert.equal(name, 'tool');
  });
  test('of a script where there is no other', async () => {
    assert.deepEqual((await said(aCronJob('guide', '1 12 * * *', script)))?.slice(0, 2), ['guide', 'script']);
  });
  test('not of a suspended one, nor of one that does something else', async () => {
    assert.equal(
      await said(
        aCronJob('off', '0 13 * * *', tool, { suspend: true }),
        aCronJob('other', '0 13 * * *', ['date']),
      ),
      undefined,
    );
  });
  test('never comes where the schedule has no day', async () => {
    assert.deepEqual(await said(aCronJob('feb', '0 0 30 2 *', tool)), ['feb', 'tool', undefined]);
  });
});
