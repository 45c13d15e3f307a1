import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { namedStore, outputFormat } from '../../../src/cli/common-flags.ts';
import type { FlagValues } from '../../../src/cli/flag-values.ts';
import { parseCommandLine } from '../../../src/cli/parse-command-line.ts';
import { wantsDebug } from '../../../src/cli/report-error.ts';

function values(...argv: string[]): FlagValues {
  return parseCommandLine(argv, COMMANDS, []).values;
}

test('the store is what --store says, else the environment, else a folder here', () => {
  const env = { MEMCACHED_BACKUP_STORE: '/srv/backups' };
  assert.deepEqual(namedStore(values('list', '--store', '/mnt/x'), env), { location: '/mnt/x', by: 'flag' });
  assert.deepEqual(namedStore(values('list'), env), { location: '/srv/backups', by: 'environment' });
  assert.deepEqual(namedStore(values('list', '--store='), env), {
    location: '/srv/backups',
    by: 'environment',
  });
  const own = { location: './memcached-backups', by: 'nobody' };
  assert.deepEqual(namedStore(values('list'), {}), own);
  assert.deepEqual(namedStore(values('list'), { MEMCACHED_BACKUP_STORE: '' }), own);
});

test('a choice is what was given, else the default', () => {
  assert.equal(outputFormat(values('list')), 'table');
  assert.equal(outputFormat(values('list', '-o', '')), 'table');
  assert.equal(outputFormat(values('list', '-ojson')), 'json');
  const kinds = ['none', 'client', 'server'] as const;
  const dryRun = (...words: string[]) => values('restore', 'x', ...words).choice('dry-run', kinds, 'none');
  assert.equal(dryRun(), 'none');
  assert.equal(dryRun('--dry-run'), 'server');
  assert.equal(dryRun('--dry-run=server'), 'server');
});

test("stacks are shown on request; Helm's own request counts where Helm started us", () => {
  for (const on of ['1', 'true']) assert.ok(wantsDebug({ MEMCACHED_BACKUP_DEBUG: on }), on);
  for (const off of ['', '0', 'false']) assert.ok(!wantsDebug({ MEMCACHED_BACKUP_DEBUG: off }), off);
  assert.ok(!wantsDebug({}));
  assert.ok(!wantsDebug({ HELM_DEBUG: 'true' }));
  const byHelm = { HELM_PLUGIN_NAME: 'memcached-backup' };
  assert.ok(wantsDebug({ ...byHelm, HELM_DEBUG: 'true' }));
  assert.ok(!wantsDebug({ ...byHelm, HELM_DEBUG: 'false' }));
  assert.ok(wantsDebug({ ...byHelm, HELM_DEBUG: 'false', MEMCACHED_BACKUP_DEBUG: '1' }));
});
