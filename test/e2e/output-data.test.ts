import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { arrayAt, type Json, type JsonObject, stringAt, valueAt } from '../../src/model/json/json.ts';
import { parseYamlStream } from '../../src/model/json/yaml.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { assertDocumented } from '../support/documented-output.ts';
import { BINARY } from './support/cli.ts';
import { aRelease } from './support/release.ts';

const cluster = await ensureCluster();

test('what every command prints with -o json and -o yaml says what it is, and is as its schema has it', async () => {
  await using release = await aRelease(cluster, cluster.helms.at(-1)!).withPassword().installed();
  const { cli, name, kubectl, values } = release;
  const copies = join(cli.store, '../copies');
  const install = ['schedule', 'install', '--dry-run', '--image', 'x', '--store', 's3://backups'];
  type Run = [kind: string, words: string[], code?: number];
  const both: Run[] = [
    ['BackupReport', ['backup', name]],
    ['BackupReport', ['backup', '--verify']],
    ['BackupList', ['list']],
    ['BackupList', ['list', name]],
    ['DiffReport', ['diff', name]],
    ['VerifyReport', ['verify', name]],
    ['PruneReport', ['prune', name, '--keep-last', '1', '--dry-run']],
    ['CopyReport', ['copy', name, '--to', copies]],
    ['RestorePlan', ['restore', name, '--dry-run=client']],
    ['RestoreReport', ['restore', name, '--yes']],
    ['ReleaseStatusList', ['status', '--checklist']],
    ['ReleaseStatusList', ['status', name]],
    ['DoctorReport', ['doctor', name]],
    ['ScheduleInstallReport', install],
    ['MissingPermissionList', ['permissions', 'backup', '--check']],
    ['Version', ['version']],
  ];
  const asJson: Run[] = [
    ['Backup', ['show', name]],
    ['PermissionList', ['permissions', 'restore', name]],
    ['PermissionList', ['permissions', 'list']],
  ];
  for (const [kind, words, code] of both) {
    const [json, yaml] = [assertDocumented(await cli.json(words, code)), await inYaml(words, code)];
    assert.deepEqual([json.kind, yaml.kind], [kind, kind], words.join(' '));
    assert.deepEqual(Object.keys(yaml), Object.keys(json), words.join(' '));
    for (const data of [json, yaml]) assert.equal(data.apiVersion, 'memcached-backup/v1');
  }
  for (const [kind, words, code] of asJson)
    assert.equal(assertDocumented(await cli.json(words, code)).kind, kind);
  const one = await cli.json(['backup', name]);
  assert.deepEqual(
    arrayAt(one, 'items').map((item) => stringAt(item, 'backup', 'release')),
    [name],
  );
  assert.deepEqual(valueAt(await cli.json(['backup', 'nope'], 1), 'items'), []);

  await release.upgrade({ ...values, memcached: { maxMemory: 48 } });
  for (const words of [
    ['restore', name, '--dry-run=server'],
    ['restore', name, '--yes'],
    ['undo', name, '--yes'],
  ])
    assertDocumented(await cli.json(words));
  assertDocumented(await cli.json(['diff', name], 3));
  await kubectl.ok('scale', 'deployment', release.fullname, '--replicas=0');
  assertDocumented(await cli.json(['doctor']));

  async function inYaml(words: string[], code = 0): Promise<JsonObject> {
    const outcome = await cli.run(...words, '-o', 'yaml');
    assert.equal(outcome.code, code, outcome.stderr);
    const documents: Json[] = parseYamlStream(outcome.stdout);
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
