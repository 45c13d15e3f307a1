import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NO_CONNECTION_FLAGS } from '../../../src/cli/connection-flags.ts';
import { spellingOf } from '../../../src/cli/spelling.ts';
import { type CheckedBox, checklistOf } from '../../../src/model/checklist/checklist.ts';
import { storePlace } from '../../../src/model/checklist/store-place.ts';
import type { ScheduleFacts } from '../../../src/model/schedule/schedule-facts.ts';
import type { RunbookFacts, RunbookRelease } from '../../../src/runbook/runbook-facts.ts';
import { runbookText } from '../../../src/runbook/runbook-text.ts';
import { assertGolden } from '../golden.ts';
import { aDrillReport } from '../model/records/a-drill-report.ts';

const NOW = new Date('2026-11-29T12:00:00Z');
const STORE = 's3://backups/memcached';

const NIGHTLY: ScheduleFacts = {
  namespace: 'shop',
  cronJob: 'memcached-backup',
  isInstalled: true,
  schedule: '0 2 * * *',
  timeZone: 'Europe/Berlin',
  suspended: false,
  next: new Date('2026-11-30T01:00:00Z'),
  lastSuccess: '2026-11-29T01:00:09Z',
  backup: {
    releases: [],
    namespace: 'shop',
    selector: undefined,
    keep: ['--keep-within 30d', '--keep-monthly 12'],
    encryptTo: ['age1qqqq'],
    isSealed: true,
    verifies: true,
  },
  store: { cronJob: 'memcached-backup', location: STORE, flags: new Map() },
};

const CART: RunbookRelease = {
  namespace: 'shop',
  name: 'cart',
  chart: 'memcached 1.2.3',
  revision: 4,
  workloads: [
    {
      name: 'deployment.apps/cart-memcached',
      replicas: 2,
      settings: new Map([
        ['maxbytes', '67108864'],
        ['maxconns', '1024'],
      ]),
    },
  ],
  backups: [
    {
      id: '20261129T010005Z',
      at: new Date('2026-11-29T01:00:05Z'),
      verifiedAt: '2026-11-29T01:00:08Z',
      sealedTo: ['1a2b3c4d (x25519)'],
    },
    {
      id: '20261128T010004Z',
      at: new Date('2026-11-28T01:00:04Z'),
      verifiedAt: undefined,
      sealedTo: undefined,
    },
  ],
  drills: [
    aDrillReport({ at: '2026-11-20T12:00:00.000Z' }),
    aDrillReport({ at: '2026-08-21T12:00:00.000Z', outcome: 'failed', failure: 'a pod | is not ready' }),
  ],
  savedBy: [NIGHTLY],
};

const BY_HELM = { HELM_PLUGIN_NAME: 'memcached-backup' };

function facts(changes: Partial<RunbookFacts> = {}): RunbookFacts {
  return {
    now: NOW,
    version: '0.1.0',
    namespace: 'shop',
    home: 'ops',
    cluster: { name: '3f6c2a10', server: 'https://10.0.0.1:6443', serverVersion: 'v1.34.4' },
    how: {
      spelling: spellingOf({}, { ...NO_CONNECTION_FLAGS, context: 'prod' }),
      store: ['--store', STORE],
      key: ['--identity', '/keys/restore'],
      scheduleStore: ['--store', STORE],
      again: ['-n', 'shop', '--rto', '15m', '--contacts', '/srv/contacts.md'],
    },
    releases: [CART],
    store: { location: STORE, isRead: true, keyFiles: true },
    schedules: [NIGHTLY],
    checklist: checklistOf({
      now: NOW,
      namespace: 'shop',
      isHelm: true,
      backups: CART.backups.map(({ id, at }) => ({ id, at, holdsValues: true })),
      store: storePlace(STORE),
      schedules: [{ ...NIGHTLY, saves: 'yes' }],
      alerts: { seen: true, rules: [], everywhere: false },
      drills: CART.drills,
      isRunbook: true,
    }),
    rto: '15m',
    contacts: { text: '# On call\n\n- Jane, +49 555 1234\n', format: 'markdown' },
    ...changes,
  };
}

/** Release, workload, chart, store … whose words do their worst. */
const EVIL = '`x`|\n```\n# Owned\n<script>\u001b[2J\u202e';

test('a whole runbook (UPDATE_GOLDEN=1 writes it)', () => {
  assertGolden('runbook/team.md', runbookText(facts()));
});

test('one of a namespace where there is nothing yet', () => {
  const { backups: _, ...bare } = CART;
  const release = { ...bare, backups: [], drills: [], chart: undefined, revision: undefined, savedBy: [] };
  assertGolden(
    'runbook/team-bare.md',
    runbookText(
      facts({
        releases: [release],
        schedules: [],
        store: { location: '/srv/backups', isRead: true, keyFiles: false },
        how: {
          spelling: spellingOf(BY_HELM, { ...NO_CONNECTION_FLAGS, context: 'prod' }),
          store: ['--store', '/srv/backups'],
          key: [],
          scheduleStore: ['--store', 'pvc://memcached-backups'],
          again: ['cart', '-n', 'shop', '--rto', '15m'],
        },
        checklist: checklistOf({
          now: NOW,
          namespace: 'shop',
          isHelm: false,
          backups: [],
          store: storePlace('/srv/backups'),
          schedules: [],
          alerts: { seen: false, why: 'this cluster has no PrometheusRules' },
          drills: [],
          isRunbook: true,
        }),
        contacts: undefined,
      }),
    ),
  );
});

describe('whatever the cluster, the store and the contacts say', () => {
  const evil = runbookText(
    facts({
      version: EVIL,
      cluster: { name: EVIL, server: EVIL, serverVersion: EVIL },
      releases: [
        {
          ...CART,
          name: EVIL,
          namespace: EVIL,
          chart: EVIL,
          workloads: [{ name: EVIL, replicas: 1, settings: new Map([['maxbytes', EVIL]]) }],
          backups: [{ id: EVIL, at: NOW, verifiedAt: EVIL, sealedTo: [EVIL] }],
        },
      ],
      store: { location: EVIL, isRead: true, keyFiles: false },
      schedules: [
        {
          ...NIGHTLY,
          cronJob: EVIL,
          schedule: EVIL,
          timeZone: EVIL,
          lastSuccess: EVIL,
          backup: { ...NIGHTLY.backup!, releases: [EVIL], selector: EVIL, keep: [`--keep-last ${EVIL}`] },
        },
      ],
      checklist: [{ box: 'cronjob', title: 'Automated', state: 'open', why: EVIL }],
      rto: EVIL,
      contacts: { text: EVIL, format: 'markdown' },
    }),
  );

  test('no control character, and no line of its own', () => {
    assert.doesNotMatch(evil, /[\u0000-\u0009\u000b-\u001f\u202e]/);
    assert.doesNotMatch(evil, /^\s*#+ Owned/m);
    assert.match(evil, /^> # Owned$/m, 'contacts are quoted');
  });

  test('every block of code ends, and the outline is that of any runbook', () => {
    const fences = evil.split('\n').filter((line) => /^`{3,}/.test(line));
    let open: string | undefined;
    for (const fence of fences) {
      const [ticks = ''] = /^`+/.exec(fence) ?? [];
      if (open === undefined) open = ticks;
      else if (ticks.length >= open.length && /^`+$/.test(fence)) open = undefined;
    }
    assert.equal(open, undefined);
    const outline = (text: string): number => text.split('\n').filter((line) => /^#{1,3} /.test(line)).length;
    const inBlocks = (text: string): string => text.replaceAll(/^(`{3,})sh\n[\s\S]*?\n\1$/gm, '');
    assert.equal(outline(inBlocks(evil)), outline(inBlocks(runbookText(facts()))));
  });

  test('tables keep their columns', () => {
    const cells = (line: string): number => line.replaceAll(/\\\|/g, '').split('|').length;
    for (const table of evil.match(/(?:^\|.*\n)+/gm) ?? []) {
      const widths = new Set(table.trimEnd().split('\n').map(cells));
      assert.equal(widths.size, 1, table);
    }
  });

  test('no HTML outside of code', () => {
    const withoutCode = evil
      .replaceAll(/^(`{3,})\w*\n[\s\S]*?\n\1$/gm, '')
      .replaceAll(/^>.*$/gm, '')
      .replaceAll(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
    assert.doesNotMatch(withoutCode, /(?<!\\)<script>/);
  });
});

test('contacts in YAML are a block of code, and what would end it does not', () => {
  const text = runbookText(facts({ contacts: { text: 'a: |\n  ```\n  x\n', format: 'yaml' } }));
  assert.match(text, /^````yaml\na: \|\n {2}```\n {2}x\n````$/m);
});

test('before there are two backups, the runbook says what a rollback needs', () => {
  const one = { ...CART, backups: CART.backups.slice(0, 1) };
  assert.match(runbookText(facts({ releases: [one] })), /not yet two backups/);
  assert.doesNotMatch(runbookText(facts()), /not yet two backups/);
});

test('where the store could not be read, nothing is said of what is in it, and the schedule’s is named', () => {
  const bare = { ...CART, backups: [] };
  const text = runbookText(
    facts({ releases: [bare], store: { location: '/srv/backups', isRead: false, keyFiles: false } }),
  );
  assert.match(text, /\| not known \|$/m);
  assert.doesNotMatch(text, /\*\*none\*\*|not yet two backups/);
  assert.match(text, /Write this page again with `--store s3:\/\/backups\/memcached`/);
});

test('of every namespace: -A wherever no release is meant', () => {
  const checklist: CheckedBox[] = [
    { box: 'cronjob', title: 'Automated', state: 'open', why: 'none' },
    { box: 'alerts', title: 'Alerting', state: 'open', why: 'none' },
  ];
  const text = runbookText(facts({ namespace: undefined, schedules: [], checklist }));
  assert.match(text, /^# Runbook: memcached$/m);
  assert.match(text, / doctor -A --store /);
  assert.match(text, / schedule install -A -n ops --store \S+ --cron '0 2 \* \* \*' .*--dry-run$/m);
  assert.doesNotMatch(text, /memcached-backup \S+ \S+ alerts /, 'of every namespace there are none yet');
  assert.match(runbookText(facts({ namespace: undefined })), / alerts -A$/m);
});
