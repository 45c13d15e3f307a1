import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { NotDurable, renameDurably, replacedName, replaceFile } from '../../../src/store/durable-file.ts';
import { fromSource } from '../../support/from-source.ts';
import { temporaryFolder } from './temporary-folder.ts';

const WRITER = join(import.meta.dirname, 'replacing-writer.ts');

/** @returns what it printed; "killed" where it was. */
function run(file: string, at: number, fault: 'kill' | 'fail'): string {
  const { signal, status, stdout, stderr } = spawnSync(
    process.execPath,
    fromSource(WRITER, file, `${at}`, fault),
    {
      encoding: 'utf8',
    },
  );
  if (signal === 'SIGKILL') return 'killed';
  assert.equal(status, 0, stderr);
  return stdout;
}

describe('a file that is replaced', () => {
  test('is the new one, for its owner alone, and nothing else is left', async (t) => {
    const folder = await temporaryFolder(t);
    const file = join(folder, 'note.json');
    for (const content of ['old, and longer', 'new', Buffer.of(0, 255)]) {
      await replaceFile(file, content);
      assert.deepEqual(readFileSync(file), Buffer.from(content));
      assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.deepEqual(readdirSync(folder), ['note.json']);
    }
  });

  test('is replaced itself where it is a link, and not what that leads to', async (t) => {
    const folder = await temporaryFolder(t);
    writeFileSync(join(folder, 'other'), 'somebody’s');
    symlinkSync('other', join(folder, 'note'));
    await replaceFile(join(folder, 'note'), 'new');
    assert.equal(readFileSync(join(folder, 'note'), 'utf8'), 'new');
    assert.equal(readFileSync(join(folder, 'other'), 'utf8'), 'somebody’s');
  });

  test('stays where it can not be replaced, and nothing else is left', async (t) => {
    const folder = await temporaryFolder(t);
    mkdirSync(join(folder, 'note'));
    await assert.rejects(replaceFile(join(folder, 'note'), 'new'), { code: 'EISDIR' });
    await assert.rejects(replaceFile(join(folder, 'none', 'note'), 'new'), { code: 'ENOENT' });
    assert.deepEqual(readdirSync(folder), ['note']);
  });

  test('at any moment at which the disk fails is the old one, and nothing else is left; or the new one, and that is said', async (t) => {
    const root = await temporaryFolder(t);
    const total = Number(run(join(root, 'whole'), 0, 'fail'));
    assert.ok(total >= 7, `${total} operations`);
    for (let at = 1; at <= total; at++) {
      const folder = join(root, `fail-${at}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'note'), 'old');
      const error = run(join(folder, 'note'), at, 'fail');
      // The last two open the folder, and sync it.
      assert.equal(error, at > total - 2 ? NotDurable.name : 'Error', `operation ${at}`);
      assert.equal(readFileSync(join(folder, 'note'), 'utf8'), at > total - 2 ? 'new' : 'old');
      assert.deepEqual(readdirSync(folder), ['note']);
    }
  });

  test('at any moment at which its writer is killed is the old one or the new one, and can be replaced', async (t) => {
    const root = await temporaryFolder(t);
    const total = Number(run(join(root, 'whole'), 0, 'kill'));
    for (let at = 1; at <= total; at++) {
      const folder = join(root, `kill-${at}`);
      const file = join(folder, 'note');
      mkdirSync(folder);
      writeFileSync(file, 'old');
      assert.equal(run(file, at, 'kill'), 'killed');
      assert.equal(readFileSync(file, 'utf8'), at > total - 2 ? 'new' : 'old');
      const left = readdirSync(folder).filter((name) => name !== 'note');
      assert.ok(
        left.every((name) => replacedName(name) === 'note'),
        left.join(),
      );
      await replaceFile(file, 'newer');
      assert.equal(readFileSync(file, 'utf8'), 'newer');
    }
  });
});

test('what is renamed takes no place that something holds', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of ['partial', 'taken']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'file'), name);
  }
  await assert.rejects(renameDurably(join(folder, 'partial'), join(folder, 'taken')), { code: 'ENOTEMPTY' });
  assert.equal(readFileSync(join(folder, 'taken', 'file'), 'utf8'), 'taken');
});
