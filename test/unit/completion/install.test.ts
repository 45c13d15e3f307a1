import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { installForKubectl } from '../../../src/completion/install.ts';

let folder: string;
let bin: string;
let link: string;
const install = (PATH = [join(folder, 'empty'), bin].join(delimiter)) => installForKubectl({ PATH });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'memcached-backup-install-'));
  bin = join(folder, 'bin');
  link = join(bin, 'kubectl_complete-memcached_backup');
  mkdirSync(bin);
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'program'), '');
  chmodSync(join(folder, 'program'), 0o755);
  // As krew does.
  symlinkSync(join(folder, 'program'), join(bin, 'kubectl-memcached_backup'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('completion install', () => {
  test('makes a link beside the plugin, which survives another version of it, and does so once', async () => {
    assert.deepEqual(await install(), { what: 'made', link });
    assert.equal(readlinkSync(link), 'kubectl-memcached_backup');
    assert.deepEqual(await install(), { what: 'there', link });
  });

  test('leaves what has the name already, and says what that is', async () => {
    symlinkSync('/elsewhere', link);
    assert.deepEqual(await install(), { what: 'taken', link, why: 'a link to /elsewhere' });
    rmSync(link);
    writeFileSync(link, 'mine');
    assert.deepEqual(await install(), { what: 'taken', link, why: 'a file' });
  });

  test('says where PATH does not lead to the plugin', async () => {
    assert.equal((await install(join(folder, 'empty'))).what, 'not found');
    assert.equal((await install('')).what, 'not found');
  });

  test('says where the folder can not be written', {
    skip: process.getuid?.() === 0 && 'root may write anywhere',
  }, async () => {
    chmodSync(bin, 0o500);
    assert.deepEqual(await install(), { what: 'not made', link, why: 'EACCES' });
    chmodSync(bin, 0o700);
  });
});
