import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ToolError, UsageError } from '../../../../src/errors/tool-error.ts';
import type { BackupDocument } from '../../../../src/model/records/backup-format.ts';
import { parseSelector } from '../../../../src/model/records/backup-selector.ts';
import { summaryOf } from '../../../../src/model/records/backup-summary.ts';
import { boundOf, localTime } from '../../../../src/model/records/moment.ts';
import { selectBackup } from '../../../../src/store/find/select-backup.ts';
import type { BackupAddress, ListedBackup } from '../../../../src/store/store.ts';
import { spelled } from '../../spelled.ts';
import { ADDRESS, sampleDocument } from '../sample-backup.ts';

interface Listed extends Partial<BackupAddress> {
  kind?: 'safety';
  complete?: false;
  damage?: string;
  fix?: string;
  /** Taken when the release was gone already. */
  hollow?: true;
  /** Taken while one of its two pods was not ready. */
  sick?: true;
}

const HOLLOW: Partial<BackupDocument> = {
  objects: [],
  health: { podsReady: 0, podsWanted: 0, drift: [] },
  settings: { verdict: 'none', podsAnswered: 0, podsAsked: 0, differing: [] },
};

const SICK: Partial<BackupDocument> = { health: { podsReady: 1, podsWanted: 2, drift: [] } };

function listed({ kind, complete, damage, hollow, sick, fix, ...at }: Listed): ListedBackup {
  const address = { ...ADDRESS, ...at };
  const document = sampleDocument(address, {
    kind: kind ?? 'backup',
    complete: complete ?? true,
    ...(hollow === undefined ? {} : HOLLOW),
    ...(sick === undefined ? {} : SICK),
  });
  const location = `memcached-backups/${Object.values(address).join('/')}`;
  return damage === undefined
    ? { address, location, summary: summaryOf(document) }
    : { address, location, damage, ...(fix === undefined ? {} : { next: fix }) };
}

const D20 = '20261120T101500Z';
const D21 = '20261121T101500Z';
const D22 = '20261122T101500Z';
const D23 = '20261123T101500Z';
const CLUSTER = ADDRESS.cluster;
const STORE = { flags: [] };

/** By which ages are told: noon of the day after {@link D23}. */
const NOW = new Date('2026-11-24T12:00:00Z');

function select(backups: Listed[], selector: string, { cluster, before }: Among = {}): string {
  return selectBackup(backups.map(listed), parseSelector(selector), STORE, {
    cluster: cluster === undefined ? undefined : { name: cluster },
    now: NOW,
    before: before === undefined ? undefined : boundOf(before, NOW),
  }).location;
}

interface Among {
  cluster?: string | undefined;
  /** --before */
  before?: string | undefined;
}

interface Choice extends Among {
  name: string;
  backups: Listed[];
  selector: string;
  chosen: string;
}

const CHOICES: Choice[] = [
  {
    name: 'healthy passes over those that were taken while the release was not up',
    backups: [{ id: D20 }, { id: D21 }, { id: D22, sick: true }, { id: D23, hollow: true }],
    selector: 'cart@healthy',
    chosen: D21,
  },
  {
    name: 'healthy is what latest may be: no safety backup, no damaged and no incomplete one',
    backups: [
      { id: D20 },
      { id: D21, kind: 'safety' },
      { id: D22, complete: false },
      { id: D23, damage: 'x is missing' },
    ],
    selector: 'cart@healthy',
    chosen: D20,
  },
  {
    name: 'latest still is the newest, also where it was not up',
    backups: [{ id: D20 }, { id: D22, sick: true }],
    selector: 'cart',
    chosen: D22,
  },
  {
    name: 'the beginning of an id that no other one has',
    backups: [{ id: D20 }, { id: D21, kind: 'safety' }, { id: D22 }],
    selector: 'cart@20261121',
    chosen: D21,
  },
  {
    name: 'an id that others begin with is that one',
    backups: [{ id: D22 }, { id: `${D22}-2` }],
    selector: `cart@${D22}`,
    chosen: D22,
  },
  {
    name: 'an age is the newest that there was so long ago',
    backups: [{ id: D20 }, { id: D21 }, { id: D22 }, { id: D23 }],
    selector: 'cart@2d',
    chosen: D22,
  },
  {
    name: 'an age passes over what latest may not be',
    backups: [{ id: D20 }, { id: D21, complete: false }, { id: D22, kind: 'safety' }, { id: D23 }],
    selector: 'cart@2d',
    chosen: D20,
  },
  {
    name: 'a time is the newest that there was at the end of its minute',
    backups: [{ id: D21 }, { id: D22 }, { id: D23 }],
    selector: 'cart@2026-11-22T10:15Z',
    chosen: D22,
  },
  {
    name: '--before passes over what was taken then or later',
    backups: [{ id: D20 }, { id: D21 }, { id: D22 }, { id: D23 }],
    selector: 'cart',
    before: D22,
    chosen: D21,
  },
  {
    name: '--before goes with healthy',
    backups: [{ id: D20 }, { id: D21, sick: true }, { id: D22 }, { id: D23 }],
    selector: 'cart@healthy',
    before: D22,
    chosen: D20,
  },
  {
    name: 'latest is the newest, whatever the order of the listing',
    backups: [{ id: D21 }, { id: D22 }, { id: D20 }],
    selector: 'cart',
    chosen: D22,
  },
  {
    name: 'latest compares suffixes as numbers',
    backups: [{ id: `${D22}-9` }, { id: `${D22}-10` }, { id: D22 }],
    selector: 'cart@latest',
    chosen: `${D22}-10`,
  },
  {
    name: 'latest passes over safety backups, incomplete and damaged ones',
    backups: [
      { id: D20 },
      { id: D21, kind: 'safety' },
      { id: D22, complete: false },
      { id: D23, damage: 'x is missing' },
    ],
    selector: 'cart',
    chosen: D20,
  },
  {
    name: 'latest passes over one that holds nothing of memcached',
    backups: [{ id: D20 }, { id: D21 }, { id: D22, hollow: true }],
    selector: 'cart',
    chosen: D21,
  },
  {
    name: 'so does previous',
    backups: [{ id: D20 }, { id: D21, hollow: true }, { id: D22 }],
    selector: 'cart@previous',
    chosen: D20,
  },
  {
    name: 'one that holds nothing of memcached is latest where there is no other',
    backups: [
      { id: D20, complete: false },
      { id: D21, hollow: true },
      { id: D22, kind: 'safety' },
    ],
    selector: 'cart',
    chosen: D21,
  },
  {
    name: 'an id names one that holds nothing of memcached',
    backups: [{ id: D20 }, { id: D21, hollow: true }],
    selector: `cart@${D21}`,
    chosen: D21,
  },
  {
    name: 'latest is of this cluster',
    backups: [{ id: D20 }, { id: D22, cluster: 'other' }],
    selector: 'cart',
    cluster: CLUSTER,
    chosen: D20,
  },
  {
    name: 'latest is of this release, not of one whose name begins alike',
    backups: [{ id: D20 }, { id: D22, release: 'cart-2' }],
    selector: 'cart',
    chosen: D20,
  },
  {
    name: 'previous is the one before latest by the same rule',
    backups: [{ id: D20 }, { id: D21, kind: 'safety' }, { id: D22 }, { id: D23, damage: 'x' }],
    selector: 'cart@previous',
    chosen: D20,
  },
  {
    name: 'an id names a safety backup too',
    backups: [{ id: D21, kind: 'safety' }, { id: D22 }],
    selector: `cart@${D21}`,
    chosen: D21,
  },
  {
    name: 'an id names an incomplete backup too',
    backups: [{ id: D21, complete: false }, { id: D22 }],
    selector: `cart@${D21}`,
    chosen: D21,
  },
  {
    name: 'an id is found in this cluster also where another has the same',
    backups: [{ id: D21, cluster: 'other' }, { id: D21 }],
    selector: `cart@${D21}`,
    cluster: CLUSTER,
    chosen: D21,
  },
  {
    name: 'without a cluster in use an id may be of any one',
    backups: [{ id: D21, cluster: 'other' }, { id: D22 }],
    selector: `cart@${D21}`,
    chosen: D21,
  },
];
for (const { name, backups, selector, cluster, before, chosen } of CHOICES) {
  test(name, () => {
    const location = select(backups, selector, { cluster, before });
    assert.equal(location.split('/').at(-1), chosen);
    if (cluster !== undefined) assert.equal(location.split('/')[1], cluster);
  });
}

interface Refusal extends Omit<Choice, 'chosen'> {
  message: string;
  next: string;
  usage?: true;
}

const REFUSALS: Refusal[] = [
  {
    name: 'healthy where the release was never up',
    backups: [
      { id: D21, sick: true },
      { id: D22, sick: true },
    ],
    selector: 'cart@healthy',
    message: `no backup of cart was taken while the release was up; of the newest one, ${D22}: 1 of 2 pods was ready`,
    next: 'kubectl memcached-backup list cart -n shop',
  },
  {
    name: 'the beginning of several ids',
    backups: [{ id: D20 }, { id: D21 }, { id: D22 }],
    selector: 'cart@202611',
    message: `"cart@202611" is the beginning of 3 backups: ${D22}, ${D21}, ${D20}`,
    next: 'more of the id',
    usage: true,
  },
  {
    name: 'the beginning of no id',
    backups: [{ id: D20 }],
    selector: 'cart@2025',
    message: `there is no backup cart@2025; there is ${D20}`,
    next: 'kubectl memcached-backup list cart -n shop',
  },
  {
    name: 'a moment before the first backup',
    backups: [{ id: D22 }, { id: D23 }],
    selector: 'cart@5d',
    message: `there was no backup of cart at ${localTime(NOW.getTime() - 5 * 86_400_000)}; the oldest one is ${D22}, taken ${localTime(Date.parse('2026-11-22T10:15:00Z'))}`,
    next: 'kubectl memcached-backup list cart -n shop',
  },
  {
    name: '--before beside a backup that is named',
    backups: [{ id: D22 }],
    selector: `cart@${D22}`,
    before: '2h',
    message: `cart@${D22} names a backup: --before is for one that is not named`,
    next: 'cart --before 2h',
    usage: true,
  },
  {
    name: 'an empty store',
    backups: [],
    selector: 'cart',
    message: 'there is no backup of cart',
    next: 'see what the store holds: kubectl memcached-backup list -A',
  },
  {
    name: 'backups of other releases only',
    backups: [{ release: 'other' }],
    selector: `cart@${D22}`,
    message: 'there is no backup of cart',
    next: 'see what the store holds: kubectl memcached-backup list -A',
  },
  {
    name: 'backups of another cluster only',
    backups: [{ id: D22, cluster: 'other' }],
    selector: 'cart',
    cluster: CLUSTER,
    message: 'the store holds no backup of cart of this cluster (3f6c2a10)',
    next: 'to use a backup of the cluster other, add --cluster-name other',
  },
  {
    name: 'an id of another cluster',
    backups: [{ id: D22, cluster: 'other' }, { id: D21 }],
    selector: `cart@${D22}`,
    cluster: CLUSTER,
    message: `cart@${D22} is a backup of another cluster, other (memcached-backups/other/shop/cart/${D22})`,
    next: 'to use a backup of the cluster other, add --cluster-name other',
  },
  {
    name: 'latest where none is fit',
    backups: [
      { id: D20, kind: 'safety' },
      { id: D21, complete: false },
      { id: D22, damage: 'x is missing' },
    ],
    selector: 'cart',
    message:
      `no backup of cart is complete and undamaged; there is ${D22} (damaged: x is missing), ` +
      `${D21} (incomplete), ${D20} (safety backup)`,
    next: `name one by its id: cart@${D21}`,
  },
  {
    name: 'latest where all are damaged',
    backups: [{ id: D22, damage: 'x is missing' }],
    selector: 'cart',
    message: `no backup of cart is complete and undamaged; there is ${D22} (damaged: x is missing)`,
    next: 'kubectl memcached-backup list cart -n shop',
  },
  {
    name: 'previous of a single backup',
    backups: [{ id: D22 }, { id: D21, kind: 'safety' }],
    selector: 'cart@previous',
    message: `there is only one complete backup of cart, none before it; there is ${D22}, ${D21} (safety backup)`,
    next: `name one by its id: cart@${D22}`,
  },
  {
    name: 'an id that does not exist, naming five that do',
    backups: [20, 21, 22, 23, 24, 25, 26].map((day) => ({ id: `202611${day}T000000Z` })),
    selector: 'cart@20260101T000000Z',
    message:
      'there is no backup cart@20260101T000000Z; there is 20261126T000000Z, 20261125T000000Z, ' +
      '20261124T000000Z, 20261123T000000Z, 20261122T000000Z and 2 more',
    next: 'kubectl memcached-backup list cart -n shop',
  },
  {
    name: 'an id that is damaged',
    backups: [{ id: D22, damage: 'x is missing' }, { id: D21 }],
    selector: `cart@${D22}`,
    message: `the backup memcached-backups/3f6c2a10/shop/cart/${D22} is damaged: x is missing`,
    next: 'choose another one: kubectl memcached-backup list cart -n shop',
  },
  {
    name: 'a release of several namespaces',
    backups: [{ namespace: 'shop' }, { namespace: 'dev' }],
    selector: 'cart',
    message: 'cart has backups in several namespaces: dev, shop',
    next: 'name one: -n dev',
    usage: true,
  },
  {
    name: 'a release of several clusters, none of them in use',
    backups: [{ cluster: 'b' }, { cluster: 'a', id: D21 }],
    selector: 'cart@previous',
    message: 'cart has backups of several clusters: a, b',
    next: 'name one: --cluster-name a',
    usage: true,
  },
  {
    name: 'an id in several namespaces',
    backups: [{ namespace: 'shop' }, { namespace: 'dev' }],
    selector: `cart@${ADDRESS.id}`,
    message: 'cart has backups in several namespaces: dev, shop',
    next: 'name one: -n dev',
    usage: true,
  },
  {
    name: 'nothing found, but a folder that could not be looked into',
    backups: [
      {
        namespace: '',
        release: '',
        id: '',
        damage: "the folder can't be read: permission denied",
        fix: 'look there',
      },
    ],
    selector: 'cart',
    cluster: CLUSTER,
    message:
      'no backup of cart was found, but memcached-backups/3f6c2a10/// could not be looked into: ' +
      "the folder can't be read: permission denied",
    next: 'look there',
  },
];
for (const { name, backups, selector, cluster, before, message, next, usage } of REFUSALS) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => select(backups, selector, { cluster, before }),
      (error) => {
        assert.ok(error instanceof ToolError);
        assert.equal(error.message, message);
        assert.equal(spelled(error.next), next);
        assert.equal(error instanceof UsageError, usage === true);
        return true;
      },
    );
  });
}

describe('advice names the store that was given, whatever the paths in it look like', () => {
  const backups = [listed({ damage: 'x' })];
  const cases: [string, string, string][] = [
    ['cart', 'list cart -n shop', 'where none is fit'],
    [`cart@${ADDRESS.id}`, 'list cart -n shop', 'where the one that is named is damaged'],
    [`cart@${D20}`, 'list cart -n shop', 'where there is none of that id'],
    ['nope', 'list -A', 'where there is none of that release'],
  ];
  for (const [selector, command, name] of cases) {
    test(name, () => {
      assert.throws(
        () => selectBackup(backups, parseSelector(selector), { flags: ['--store', 's3://vault/caches'] }),
        (error) =>
          error instanceof ToolError &&
          spelled(error.next).endsWith(`kubectl memcached-backup ${command} --store s3://vault/caches`) ===
            true,
      );
    });
  }
});

test('the listing is left as it was', () => {
  const backups = [{ id: D21 }, { id: D22 }].map(listed);
  const before = [...backups];
  selectBackup(backups, parseSelector('cart'), STORE);
  assert.deepEqual(backups, before);
});
