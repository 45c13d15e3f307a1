import assert from 'node:assert/strict';
import { valueAt } from '../../../src/model/json/json.ts';
import { expectCode } from './process.ts';
import type { Fixture } from './release.ts';
import { resourceVersions } from './resource-versions.ts';

/**
 * After a restore that could not prove everything: however often it is run again, dry or not, it says so, with exit
 * code 5, writes nothing, and nothing claims that all is equal.
 */
export async function assertStillUnproven(
  { cli, kubectl, namespace, name }: Fixture,
  why: RegExp,
): Promise<void> {
  const before = await resourceVersions(kubectl, namespace);
  for (const words of [['--dry-run=server'], ['--yes']]) {
    const again = expectCode(await cli.run('restore', name, ...words), 5);
    const said = `${again.stdout}\n${again.stderr}`;
    assert.match(said, why);
    assert.doesNotMatch(said, /nothing to do|all equal|and proved it/i);
  }
  const report = await cli.json(['restore', name, '--yes'], 5);
  assert.deepEqual([valueAt(report, 'outcome'), valueAt(report, 'applied')], ['unproven', []]);
  assert.deepEqual(await resourceVersions(kubectl, namespace), before);
  const doctor = await cli.run('doctor', name, '--only', 'restore');
  assert.match(doctor.stdout, why);
  assert.doesNotMatch(doctor.stdout, /equals what runs/);
}
