import assert from 'node:assert/strict';
import { readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FolderFiles } from '../../../../src/store/folder/folder-files.ts';
import { FolderFilesAtOnce } from '../../../../src/store/folder/folder-files-at-once.ts';
import { checksumLine, sha256 } from '../../../../src/store/format/digest.ts';
import { inspectBackup, inspectBackupAtOnce } from '../../../../src/store/format/inspect-backup.ts';
import { verificationText } from '../../../../src/store/format/verification.ts';
import { openStore } from '../../../../src/store/open-store.ts';
import type { VerificationNote } from '../../../../src/store/store.ts';
import { ADDRESS, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Writes backup.json anew, with a digest that fits. */
function forge(folder: string, change: (text: string) => string): void {
  const text = change(readFileSync(join(folder, 'backup.json'), 'utf8'));
  writeFileSync(join(folder, 'backup.json'), text);
  writeFileSync(join(folder, 'backup.json.sha256'), checksumLine(sha256(text), 'backup.json'));
}

function replaceByLink(folder: string, name: string): void {
  const elsewhere = join(folder, `../${name}`);
  writeFileSync(elsewhere, readFileSync(join(folder, name)));
  rmSync(join(folder, name));
  symlinkSync(elsewhere, join(folder, name));
}

const NOTE: VerificationNote = {
  at: '2026-11-22T11:00:00Z',
  tool: { name: 'memcached-backup', version: '0.1.0' },
  passed: [],
  unchecked: [],
};

/** What may have become of a backup, and what both ways to list it are to say; undefined where nothing is wrong with it. */
const BACKUPS: {
  name: string;
  change: (folder: string) => void;
  says: RegExp | undefined;
  signature?: string;
  isVerified?: true;
}[] = [
  { name: 'as it was written', change: () => {}, says: undefined },
  {
    name: 'without backup.json',
    change: (at) => rmSync(join(at, 'backup.json')),
    says: /^backup\.json is missing$/,
  },
  {
    name: 'without its digest',
    change: (at) => rmSync(join(at, 'backup.json.sha256')),
    says: /^backup\.json\.sha256 is missing$/,
  },
  {
    name: 'backup.json changed',
    change: (at) =>
      writeFileSync(
        join(at, 'backup.json'),
        readFileSync(join(at, 'backup.json'), 'utf8').replace('"2', '"3'),
      ),
    says: /does not match/,
  },
  {
    name: 'no line of sha256sum',
    change: (at) => writeFileSync(join(at, 'backup.json.sha256'), 'x'),
    says: /is not a line of sha256sum/,
  },
  {
    name: 'a line as Windows writes it',
    change: (at) =>
      writeFileSync(
        join(at, 'backup.json.sha256'),
        readFileSync(join(at, 'backup.json.sha256'), 'utf8').replace('  ', ' *').replace('\n', '\r\n'),
      ),
    says: undefined,
  },
  {
    name: 'backup.json a link',
    change: (at) => replaceByLink(at, 'backup.json'),
    says: /^backup\.json is a symbolic link/,
  },
  {
    name: 'the digest a link',
    change: (at) => replaceByLink(at, 'backup.json.sha256'),
    says: /^backup\.json\.sha256 is a symbolic link/,
  },
  { name: 'not JSON', change: (at) => forge(at, () => '{'), says: /is not JSON/ },
  {
    name: 'nested too deeply',
    change: (at) => forge(at, (text) => text.replace('{', `{"x":${'['.repeat(600)}${']'.repeat(600)},`)),
    says: /deep/,
  },
  {
    name: 'a newer format',
    change: (at) => forge(at, (text) => text.replace('"formatVersion": 1', '"formatVersion": 99')),
    says: /99 is newer/,
  },
  {
    name: 'without an outline',
    change: (at) => forge(at, (text) => text.replace('"verdict"', '"x"')),
    says: /is not a document of format v1/,
  },
  {
    name: 'of another release',
    change: (at) => forge(at, (text) => text.replace('"release": "cart"', '"release": "other"')),
    says: /the folder was moved or renamed/,
  },
  {
    name: 'with a file outside of it',
    change: (at) => forge(at, (text) => text.replace('"helm/values.yaml"', '"../values.yaml"')),
    says: /names a file outside the backup/,
  },
  {
    name: 'a file that is gone',
    change: (at) => rmSync(join(at, 'helm/values.yaml')),
    says: /^helm\/values\.yaml is missing$/,
  },
  {
    name: 'a file that is longer',
    change: (at) => writeFileSync(join(at, 'settings.json'), 'x'.repeat(50)),
    says: /settings\.json has 50 bytes/,
  },
  {
    name: 'backup.json too large',
    change: (at) => truncateSync(join(at, 'backup.json'), 2 ** 40),
    says: /at most/,
  },
  {
    name: 'verified',
    change: (at) =>
      writeFileSync(
        join(at, 'verified.json'),
        verificationText(sha256(readFileSync(join(at, 'backup.json'))), NOTE),
      ),
    says: undefined,
    isVerified: true,
  },
  {
    name: 'another one verified',
    change: (at) => writeFileSync(join(at, 'verified.json'), verificationText('0'.repeat(64), NOTE)),
    says: undefined,
  },
  {
    name: 'verified.json a link',
    change: (at) => symlinkSync('/etc/passwd', join(at, 'verified.json')),
    says: undefined,
  },
  {
    name: 'signed',
    change: (at) => writeFileSync(join(at, 'backup.json.sig'), 'a signature'),
    says: undefined,
    signature: 'a signature',
  },
  {
    name: 'the signature a link',
    change: (at) => symlinkSync('/etc/passwd', join(at, 'backup.json.sig')),
    says: /^backup\.json\.sig is a symbolic link/,
  },
  {
    name: 'the signature too large',
    change: (at) => writeFileSync(join(at, 'backup.json.sig'), 'x'.repeat(20_000)),
    says: /at most/,
  },
];

for (const { name, change, says, signature, isVerified } of BACKUPS) {
  test(`at once and in turn, a listing says the same of a backup: ${name}`, async (t) => {
    const store = await openStore(await temporaryFolder(t));
    const { location } = await writeSample(store);
    change(location);
    const inTurn = await inspectBackup(new FolderFiles(location, location), ADDRESS, location);
    const atOnce = inspectBackupAtOnce(new FolderFilesAtOnce(location), ADDRESS, location);
    assert.match(inTurn.listed.damage ?? '', says ?? /^$/);
    assert.equal(inTurn.listed.signed === undefined, signature === undefined);
    assert.equal(inTurn.listed.verification !== undefined, isVerified === true);
    // A link is for the way that can tell what it is.
    if (atOnce === undefined) assert.match(name, /a link$/);
    else assert.deepEqual(atOnce, inTurn);
    assert.deepEqual(await store.list({}), [inTurn.listed]);
  });
}
