import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import schema from '../../../../src/model/records/backup-v1.schema.json' with { type: 'json' };
import { openStore } from '../../../../src/store/open-store.ts';
import { writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/format.md'), 'utf8');
const [ofOne = '', ofStore = ''] = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, commands]) => commands);
const jq = { skip: spawnSync('jq', ['--version']).status === 0 ? false : 'needs jq' };

function sh(commands: string, cwd: string): { status: number | null; stdout: string } {
  return spawnSync('sh', ['-c', commands], { cwd, encoding: 'utf8' });
}

test('docs/format.md names every field of the schema', () => {
  const fields = propertiesOf(schema);
  assert.ok(fields.length > 50, 'the schema was read');
  for (const name of fields) {
    assert.match(page, new RegExp(`[\`.]${name}\\b`), `docs/format.md says nothing of ${name}`);
  }
});

test('the page checks a whole backup by sha256sum and jq', jq, async (t) => {
  const { location } = await writeSample(await openStore(await temporaryFolder(t)));
  assert.deepEqual(sh(ofOne, location).stdout, 'backup.json: OK\nall files are as they were\n');
});

for (const file of ['backup.json', 'RUNBOOK.md', 'helm/chart/templates/deployment.yaml']) {
  test(`the page's commands notice a change of ${file}`, jq, async (t) => {
    const root = await temporaryFolder(t);
    const store = await openStore(root);
    const { location } = await writeSample(store);
    await writeSample(store);
    appendFileSync(join(location, file), '\n');
    assert.doesNotMatch(sh(`set -e\n${ofOne}`, location).stdout, /all files are as they were/);
    assert.deepEqual(sh(ofStore, root).stdout.match(/DAMAGED: .*/g), [`DAMAGED: ${location}`]);
  });
}

function propertiesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'properties'
      ? [...Object.keys(item), ...Object.values(item).flatMap(propertiesOf)]
      : propertiesOf(item),
  );
}
