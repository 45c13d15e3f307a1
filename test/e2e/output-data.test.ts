import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { mapLimited } from '../../src/errors/map-limited.ts';
import { type Json, type JsonObject, valueAt } from '../../src/model/json/json.ts';
import { parseYamlStream } from '../../src/model/json/yaml.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { assertDocumented } from '../support/documented-output.ts';
import { BINARY } from './support/cli.ts';
import { expectCode, run } from './support/process.ts';
import { aRelease } from './support/release.ts';

const cluster = await ensureCluster();

test('what every command prints with -o json and -o yaml says what it is, and is as its schema has it', async () => {
  await using release = await aRelease(cluster, cluster.helms.at(-1)!).withPassword().installed();
  const { cli, name, values } = release;
  const folder = join(cli.store, '..');
  type Run = [kind: string, words: string[], code?: number];
  const writing: Run[] = [
    ['BackupReport', ['backup', name]],
    ['BackupReport', ['backup', '--verify']],
    ['CopyReport', ['copy', name, '--to', join(folder, 'copies')]],
    ['RestoreReport', ['restore', name, '--yes']],
    ['SnapshotList', ['snapshot', name, '--allow-plain']],
    ['WarmReport', ['warm', name, '--from', `${name}@latest`]],
  ];
  const reading: Run[] = [
    ['BackupList', ['list']],
    ['DiffReport', ['diff', name]],
    ['VerifyReport', ['verify', name]],
    ['PruneReport', ['prune', name, '--keep-last', '1', '--dry-run']],
    ['RestorePlan', ['restore', name, '--dry-run=client']],
    ['ReleaseStatusList', ['status', '--checklist']],
    ['ReleaseStatusList', ['status', name]],
    ['DoctorReport', ['doctor', name]],
    [
      'ScheduleInstallReport',
      ['schedule', 'install', '--dry-run', '--image', 'x', '--store', 's3://backups'],
    ],
    ['MissingPermissionList', ['permissions', 'backup', '--check']],
    ['Version', ['version']],
  ];
  // Their YAML is manifests.
  const asJson: Run[] = [
    ['Backup', ['show', name]],
    ['PermissionList', ['permissions', 'restore', name]],
    ['PermissionList', ['permissions', 'list']],
  ];
  const inBoth = async ([kind, words, code]: Run): Promise<void> => {
    const json = assertDocumented(await cli.json(words, code));
    const yaml = await inYaml(words, code);
    assert.deepEqual([json.kind, yaml.kind], [kind, kind], words.join(' '));
    assert.deepEqual(Object.keys(yaml), Object.keys(json), words.join(' '));
    for (const { apiVersion } of [json, yaml]) assert.equal(apiVersion, 'memcached-backup/v1');
  };
  for (const each of writing) await inBoth(each);
  await mapLimited(reading, 3, inBoth);
  await mapLimited(asJson, 3, async ([kind, words]) => {
    assert.equal(assertDocumented(await cli.json(words)).kind, kind);
  });
  assert.deepEqual(valueAt(await cli.json(['backup', 'nope'], 1), 'items'), []);

  await release.upgrade({ ...values, memcached: { maxMemory: 48 } });
  assertDocumented(await cli.json(['diff', name], 3));
  assertDocumented(await cli.json(['restore', name, '--dry-run=server']));
  const report = join(folder, 'doctor.tgz');
  await cli.ok('doctor', '--report', report);
  const { stdout } = await run('tar', ['-xzOf', report, 'doctor/findings.json'], {});
  assert.equal(assertDocumented(JSON.parse(stdout) as JsonObject).kind, 'DoctorReport');

  async function inYaml(words: string[], code = 0): Promise<JsonObject> {
    const { stdout } = expectCode(await cli.run(...words, '-o', 'yaml'), code);
    const documents: Json[] = parseYamlStream(stdout);
    assert.equal(documents.length, 1, words.join(' '));
    return assertDocumented(documents[0] as JsonObject);
  }
});

test('status --watch -o json prints an object a release, each of which says what it is', async () => {
  await using release = await aRelease(cluster, cluster.helms[0]!).installed();
  const { cli, name, namespace } = release;
  const child = spawn(BINARY, ['status', '-w', '-o', 'json', '-n', namespace], { env: cli.env });
  let text = '';
  try {
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      text += String(chunk);
      if (text.endsWith('\n}\n')) break;
    }
  } finally {
    child.kill('SIGTERM');
  }
  const status = assertDocumented(JSON.parse(text) as JsonObject);
  assert.deepEqual([status.kind, status.release], ['ReleaseStatus', name]);
});
