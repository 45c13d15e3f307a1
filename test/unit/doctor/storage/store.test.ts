import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { examineStore } from '../../../../src/doctor/storage/examine-store.ts';
import { judgeBackups } from '../../../../src/doctor/storage/store-backups.ts';
import { judgeCondition } from '../../../../src/doctor/storage/store-condition.ts';
import { type ToolError, UnreachableError } from '../../../../src/errors/tool-error.ts';
import type { Finding } from '../../../../src/model/findings/finding.ts';
import type {
  BackupDocument,
  Skipped,
  VerificationDocument,
} from '../../../../src/model/records/backup-format.ts';
import { summaryOf } from '../../../../src/model/records/backup-summary.ts';
import type { ListedBackup, Store, StoreRoom } from '../../../../src/store/store.ts';
import { MissingStore } from '../../../../src/store/store-error.ts';
import { allSpelled } from '../../spelled.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const RELEASE = { namespace: 'cache', name: 'cart', isGone: false, store: [] };
const VERIFICATION = { at: '2026-11-24T11:00:00Z' } as VerificationDocument;
const codes = (findings: Finding[]) => findings.map(({ code }) => code);

interface Told {
  day?: number;
  bytes?: number;
  objects?: number;
  complete?: boolean;
  kind?: 'backup' | 'safety';
  damage?: string;
  cluster?: string;
  verified?: boolean;
  skipped?: Skipped[];
  /** It holds nothing of memcached. */
  hollow?: true;
}

function aBackup(told: Told = {}): ListedBackup {
  const { day = 24, bytes = 1000, objects = 8, complete = true, kind = 'backup', verified = true } = told;
  const id = `202611${String(day).padStart(2, '0')}T110000Z`;
  const document = {
    kind,
    complete,
    skipped: told.skipped ?? (complete ? [] : [{ what: 'secrets', why: 'forbidden' }]),
    objects: Array.from({ length: objects }, () => ({
      apiVersion: told.hollow ? 'v1' : 'apps/v1',
      kind: told.hollow ? 'Secret' : 'Deployment',
      role: 'owned',
    })),
    health: { podsReady: 0, podsWanted: 0, drift: [] },
    settings: { verdict: 'none', podsAnswered: 0, podsAsked: 0, differing: [] },
    files: [{ path: 'a', size: bytes, sha256: '' }],
    cluster: { name: 'here' },
    tool: { name: 'memcached-backup', version: '0.1.0' },
  } as unknown as BackupDocument;
  return {
    address: { cluster: told.cluster ?? 'here', namespace: 'cache', release: 'cart', id },
    location: `/store/${id}`,
    ...(told.damage === undefined ? { summary: summaryOf(document) } : { damage: told.damage }),
    ...(verified ? { verification: VERIFICATION } : {}),
  };
}
const judged = (...told: Told[]) => judgeBackups(told.map(aBackup), RELEASE, NOW);

describe('the newest backup of a release', () => {
  test('in order, or none', () => {
    assert.deepEqual(judged({}), { findings: [], said: 'the newest backup of cart is 60m old and verified' });
    assert.deepEqual(codes(judged().findings), ['MB350']);
    assert.deepEqual(codes(judged({ kind: 'safety' }).findings), ['MB350'], 'safety backups don’t count');
  });

  test('of a release that is gone from the cluster no backup is advised', () => {
    const advised = (isGone: boolean, ...told: Told[]) =>
      judgeBackups(told.map(aBackup), { ...RELEASE, isGone }, NOW).findings.flatMap(({ advice }) =>
        allSpelled(advice),
      );
    assert.deepEqual(advised(true), []);
    assert.deepEqual(advised(true, { day: 16 }), []);
    assert.match(advised(false)[0] ?? '', /backup cart -n cache$/);
  });

  test('old after eight days', () => {
    assert.deepEqual(codes(judged({ day: 17 }).findings), []);
    assert.deepEqual(codes(judged({ day: 16 }).findings), ['MB351']);
  });

  test('damaged, incomplete, not verified', () => {
    assert.deepEqual(codes(judged({ damage: 'x is missing' }, { day: 23 }).findings), ['MB352']);
    assert.deepEqual(codes(judged({}, { day: 23, damage: 'x' }).findings), [], 'an older one is no matter');
    const [incomplete] = judged({ complete: false }).findings;
    assert.equal(incomplete?.code, 'MB353');
    assert.deepEqual(incomplete?.evidence, [{ text: 'secrets: forbidden' }]);
    assert.match(allSpelled(incomplete?.advice)[0] ?? '', /permissions backup/);
    const skipped = [{ what: 'secret/login', why: 'left out', asked: true } as const];
    const [asked] = judged({ complete: false, skipped }).findings;
    assert.match(
      allSpelled(asked?.advice)[0] ?? '',
      /backup .* --encrypt-to '<recipient>'/,
      'no permission is missing',
    );
    assert.deepEqual(codes(judged({ verified: false }).findings), ['MB354']);
    const [hollow] = judged({ hollow: true }, { day: 23 }).findings;
    assert.equal(hollow?.code, 'MB353');
    assert.match(hollow?.summary ?? '', /20261124T110000Z, holds nothing of memcached/);
    assert.deepEqual(codes(judged({ hollow: true }, { day: 23, hollow: true }).findings), [], 'latest is it');
  });

  test('with an id that is no moment', () => {
    const damaged = judged({ day: 32, damage: 'x is missing' }).findings;
    assert.deepEqual(damaged[0]?.evidence, [{ text: '/store/20261132T110000Z: x is missing' }]);
  });

  test('shrinks or grows against the median of three to seven before it', () => {
    const before = (count: number, told: Told = {}) =>
      Array.from({ length: count }, (_, index): Told => ({ day: 23 - index, ...told }));
    const after = (newest: Told, told: Told[]) => codes(judged(newest, ...told).findings);
    assert.deepEqual(after({ objects: 3 }, before(3)), ['MB355']);
    assert.deepEqual(after({ objects: 4 }, before(3)), []);
    assert.deepEqual(after({ bytes: 249 }, before(3)), ['MB355']);
    assert.deepEqual(after({ objects: 1 }, before(2)), [], 'two tell nothing');
    assert.deepEqual(after({ objects: 1 }, before(3, { complete: false })), [], 'nor do incomplete ones');
    assert.deepEqual(after({ bytes: 300_000 }, before(3)), ['MB356']);
    assert.deepEqual(after({ bytes: 260_000 }, before(3)), [], 'small ones may grow');
    assert.deepEqual(after({ bytes: 400_000 }, before(3, { bytes: 101_000 })), []);
  });
});

describe('the store itself', () => {
  const MIB = 2 ** 20;
  const condition = (room: Partial<StoreRoom> = {}, newest = 100_000) =>
    codes(
      judgeCondition(
        {
          room: { freeBytes: 2 ** 33, freeFiles: 100_000, fix: ['df'], ...room },
          leftovers: [],
          exposed: [],
        },
        '/store',
        newest,
      ),
    );

  test('has room, little, or none', () => {
    assert.deepEqual(condition(), []);
    assert.deepEqual(judgeCondition({ leftovers: [], exposed: [] }, '/store', 1), [], 'who knows');
    assert.deepEqual(condition({ freeBytes: 64 * MIB }), []);
    assert.deepEqual(condition({ freeBytes: 64 * MIB - 1 }), ['MB344']);
    assert.deepEqual(condition({ freeBytes: 100 * MIB }, 3 * MIB), ['MB344']);
    assert.deepEqual(condition({ freeBytes: MIB - 1 }), ['MB343']);
    assert.deepEqual(condition({ freeBytes: 5 * MIB }, 3 * MIB), ['MB343']);
    assert.deepEqual(condition({ freeFiles: 999 }), ['MB344']);
    assert.deepEqual(condition({ freeFiles: 99 }), ['MB343']);
  });

  test('can’t be written, and something lies about', () => {
    const unwritable = { why: 'the file system is read-only', fix: ['mount'] };
    const [unwritten] = judgeCondition({ unwritable, leftovers: [], exposed: [] }, '/store', 0);
    assert.equal(unwritten?.code, 'MB342');
    assert.deepEqual(allSpelled(unwritten?.advice), ['mount']);
    const left = { location: '/store/it is/.partial', at: '2026-11-24T11:00:00Z', fix: 'rm it' };
    const [finding] = judgeCondition({ leftovers: [left], exposed: [] }, '/store', 0);
    assert.equal(finding?.code, 'MB360');
    assert.deepEqual(allSpelled(finding?.advice), ['rm it']);
  });

  test('can be written by others', () => {
    const exposed = [
      { location: '/store/it is', why: 'its mode 0777 lets everybody write', fix: 'chmod it' },
    ];
    const [finding, ...others] = judgeCondition({ leftovers: [], exposed }, '/store', 0);
    assert.deepEqual(others, []);
    assert.equal(finding?.code, 'MB345');
    assert.deepEqual(finding?.evidence, [{ text: '/store/it is: its mode 0777 lets everybody write' }]);
    assert.deepEqual(allSpelled(finding?.advice), ['chmod it']);
  });

  test('is not there yet, can’t be read, or in part', async () => {
    const store = {
      location: '/store',
      flags: [],
      condition: async () => ({ leftovers: [], exposed: [] }),
    } as unknown as Store;
    const examined = async (backups: () => Promise<ListedBackup[]>) => {
      const releases = [RELEASE];
      const question = {
        store,
        backups,
        releases,
        cluster: { name: 'here' },
        now: NOW,
      };
      return codes((await examineStore(question)).findings);
    };
    const failing = (error: ToolError) => async (): Promise<ListedBackup[]> => {
      throw error;
    };
    assert.deepEqual(await examined(failing(new MissingStore('none'))), ['MB341']);
    assert.deepEqual(await examined(failing(new UnreachableError('can’t'))), ['MB340']);
    const dark: ListedBackup = {
      address: { cluster: 'here', namespace: '', release: '', id: '' },
      location: '/store/here',
      damage: 'the folder can’t be read: permission denied',
    };
    assert.deepEqual(await examined(async () => [dark, aBackup()]), ['MB340']);
    assert.deepEqual(await examined(async () => [dark]), ['MB340'], 'nobody knows that there is none');
    const own = { ...dark, address: { ...dark.address, namespace: 'cache', release: 'cart' } };
    assert.deepEqual(await examined(async () => [own]), ['MB340']);
    assert.deepEqual(await examined(async () => [own, aBackup({ day: 1 })]), ['MB340', 'MB351']);
    assert.deepEqual(await examined(async () => [aBackup({ cluster: 'there' })]), ['MB350']);
  });

  test('without a cluster, every release in it is looked at', async () => {
    const store = {
      location: '/store',
      flags: [],
      condition: async () => ({ leftovers: [], exposed: [] }),
    } as unknown as Store;
    const backups = async () => [aBackup({ day: 1 }), aBackup({ day: 2, cluster: 'there' })];
    const question = {
      store,
      backups,
      releases: undefined,
      cluster: undefined,
      now: NOW,
    };
    assert.deepEqual(codes((await examineStore(question)).findings), ['MB351']);
  });
});
