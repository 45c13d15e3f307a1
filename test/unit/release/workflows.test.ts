import assert from 'node:assert/strict';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import project from '../../../package.json' with { type: 'json' };
import { root } from '../../../scripts/build/paths.ts';

interface Workflow {
  on: Record<string, { tags?: string[] } | null>;
  permissions: Record<string, string>;
  jobs: Record<string, { permissions?: Record<string, string>; steps: { run?: string; uses?: string }[] }>;
}

function workflow(name: string): Workflow {
  return parse(readFileSync(join(root, '.github/workflows', `${name}.yml`), 'utf8')) as Workflow;
}

for (const name of ['ci', 'release'])
  test(`${name} calls what the project has, and each action by a version`, () => {
    const steps = Object.values(workflow(name).jobs).flatMap((job) => job.steps);
    const commands = steps.map(({ run = '' }) => run).join('\n');
    for (const [, task = ''] of commands.matchAll(/npm run (\S+)/g))
      assert.ok(Object.hasOwn(project.scripts, task), task);
    const own = [...commands.matchAll(/^(?:scripts\/|\.ci\/)\S+/gm)].map(([file]) => file);
    for (const file of own) accessSync(join(root, file), constants.X_OK);
    assert.ok(own.length > 0 || commands.includes('npm run'));
    for (const { uses } of steps) assert.match(uses ?? 'none@v1', /^[\w/-]+@v\d+$/);
  });

test('nothing may write but the job that publishes', () => {
  for (const name of ['ci', 'release']) assert.deepEqual(workflow(name).permissions, { contents: 'read' });
  assert.deepEqual(
    Object.values(workflow('release').jobs).map((job) => job.permissions),
    [{ contents: 'write' }],
  );
  assert.ok(Object.values(workflow('ci').jobs).every((job) => job.permissions === undefined));
});

test('a release is of a tag, which the build holds to the version', () => {
  const { on, jobs } = workflow('release');
  assert.deepEqual(on, { push: { tags: ['v*'] } });
  assert.match(JSON.stringify(jobs), /npm run release -- --tag/);
});
