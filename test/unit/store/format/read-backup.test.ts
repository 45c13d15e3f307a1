import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ToolError, UnreachableError } from '../../../../src/errors/tool-error.ts';
import type { BackupDocument } from '../../../../src/model/records/backup-format.ts';
import { openStore } from '../../../../src/store/open-store.ts';
import type { Store } from '../../../../src/store/store.ts';
import { spelled } from '../../spelled.ts';
import { ADDRESS, SAMPLE_FILES, sampleContent, sampleDocument, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const VALUES = 'helm/values.yaml';

async function stored(t: TestContext): Promise<{ root: string; store: Store; folder: string }> {
  const root = await temporaryFolder(t);
  const store = await openStore(root);
  const { location } = await writeSample(store);
  return { root, store, folder: location };
}

/** Changes backup.json and makes its digest fit, as someone with ill intent would. */
function forge(folder: string, change: (document: BackupDocument & Record<string, unknown>) => void): void {
  const document = JSON.parse(readFileSync(join(folder, 'backup.json'), 'utf8'));
  change(document);
  write(folder, JSON.stringify(document));
}

function write(folder: string, text: string): void {
  writeFileSync(join(folder, 'backup.json'), text);
  const digest = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(folder, 'backup.json.sha256'), `${digest}  backup.json\n`);
}

test('what was written is read back', async (t) => {
  const { store } = await stored(t);
  const reader = await store.open(ADDRESS);
  assert.deepEqual({ ...reader.document, files: [] }, sampleDocument());
  for (const [path, content] of Object.entries(SAMPLE_FILES)) {
    assert.equal((await reader.read(path)).toString(), content);
  }
});

test('bytes that are no text are read back', async (t) => {
  const store = await openStore(await temporaryFolder(t));
  const bytes = Buffer.from([0, 255, 128, 10, 13]);
  await store.save(ADDRESS, sampleContent({ 'helm/release.json.gz': bytes }));
  assert.deepEqual(await (await store.open(ADDRESS)).read('helm/release.json.gz'), bytes);
});

test('a checksum line of sha256sum in binary mode, or with CRLF, is accepted', async (t) => {
  const { store, folder } = await stored(t);
  const line = readFileSync(join(folder, 'backup.json.sha256'), 'utf8');
  writeFileSync(join(folder, 'backup.json.sha256'), line.replace('  ', ' *').replace('\n', '\r\n'));
  await store.open(ADDRESS);
});

interface Spoil {
  name: string;
  spoil: (folder: string) => void;
  says: RegExp;
}
const asWhole: Spoil[] = [
  {
    name: 'without backup.json',
    spoil: (folder) => rmSync(join(folder, 'backup.json')),
    says: /backup\.json is missing/,
  },
  {
    name: 'without its digest',
    spoil: (folder) => rmSync(join(folder, 'backup.json.sha256')),
    says: /backup\.json\.sha256 is missing/,
  },
  {
    name: 'with a digest that is no checksum line',
    spoil: (folder) => writeFileSync(join(folder, 'backup.json.sha256'), 'hello\n'),
    says: /backup\.json\.sha256 is not a line of sha256sum/,
  },
  {
    name: 'with one byte of backup.json changed',
    spoil: (folder) => {
      const path = join(folder, 'backup.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace('"prod"', '"prox"'));
    },
    says: /backup\.json does not match backup\.json\.sha256/,
  },
  {
    name: 'with backup.json cut off',
    spoil: (folder) => truncateSync(join(folder, 'backup.json'), 100),
    says: /backup\.json is not JSON/,
  },
  {
    name: 'with millions of values in its backup.json',
    spoil: (folder) => writeFileSync(join(folder, 'backup.json'), `[${'1,'.repeat(500_000)}1]`),
    says: /backup\.json: it holds more than 500000 JSON values in 1000003 bytes/,
  },
  {
    name: 'with a backup.json that is a list',
    spoil: (folder) => write(folder, '[]'),
    says: /has no format version that this tool reads/,
  },
  {
    name: 'with format version 0',
    spoil: (folder) => forge(folder, (document) => Object.assign(document, { formatVersion: 0 })),
    says: /has no format version that this tool reads/,
  },
  {
    name: 'of a newer format',
    spoil: (folder) => writeFileSync(join(folder, 'backup.json'), '{"formatVersion":3,"anything":"else"}'),
    says: /its format version 3 is newer than 2, which this tool reads/,
  },
  {
    name: 'of another release',
    spoil: (folder) => forge(folder, (document) => (document.release = 'other')),
    says: /says it is 3f6c2a10\/shop\/other\/20261122T101500Z: the folder was moved or renamed/,
  },
  {
    name: 'without a field that a listing needs',
    spoil: (folder) => forge(folder, (document) => Reflect.deleteProperty(document, 'health')),
    says: /is not a document of format v1/,
  },
  {
    name: 'that names a file outside',
    spoil: (folder) => forge(folder, ({ files }) => (files[0]!.path = '../../../../etc/passwd')),
    says: /names a file outside the backup/,
  },
  {
    name: 'that names an absolute file',
    spoil: (folder) => forge(folder, ({ files }) => (files[0]!.path = '/etc/passwd')),
    says: /names a file outside the backup/,
  },
  {
    name: 'that names a file twice',
    spoil: (folder) => forge(folder, ({ files }) => (files[0]!.path = files[1]!.path)),
    says: /twice/,
  },
  {
    name: 'whose backup.json is a link',
    spoil: (folder) => {
      renameSync(join(folder, 'backup.json'), join(folder, 'other.json'));
      symlinkSync('other.json', join(folder, 'backup.json'));
    },
    says: /backup\.json is a symbolic link or behind one/,
  },
  {
    name: 'whose backup.json is a folder',
    spoil: (folder) => {
      rmSync(join(folder, 'backup.json'));
      mkdirSync(join(folder, 'backup.json'));
    },
    says: /backup\.json is not a file/,
  },
  {
    name: 'whose backup.json is a named pipe',
    spoil: (folder) => {
      rmSync(join(folder, 'backup.json'));
      execFileSync('mkfifo', [join(folder, 'backup.json')]);
    },
    says: /backup\.json is not a file/,
  },
  {
    name: 'whose backup.json is absurdly large',
    spoil: (folder) => truncateSync(join(folder, 'backup.json'), 300 * 1024 * 1024),
    says: /backup\.json has 314572800 bytes, at most/,
  },
  {
    name: 'that is a link to another backup',
    spoil: (folder) => {
      renameSync(folder, `${folder}-2`);
      symlinkSync(`${folder}-2`, folder);
    },
    says: /it is not a folder/,
  },
];
for (const { name, spoil, says } of asWhole) {
  test(`a backup ${name} is refused, and listed with the reason`, async (t) => {
    const { store, folder } = await stored(t);
    spoil(folder);
    await assert.rejects(store.open(ADDRESS), (error) => {
      assert.ok(error instanceof ToolError);
      assert.equal(error.exitCode, 1);
      assert.match(error.message, says);
      assert.ok(error.message.includes(folder), 'names the backup');
      assert.ok(error.next);
      return true;
    });
    const listed = (await store.list({})).find(({ address }) => address.id === ADDRESS.id);
    assert.match(listed?.damage ?? 'not damaged', says);
  });
}

test('the advice for a newer format is a newer tool', async (t) => {
  const { store, folder } = await stored(t);
  writeFileSync(join(folder, 'backup.json'), '{"formatVersion":3}');
  await assert.rejects(store.open(ADDRESS), (error) => {
    assert.ok(error instanceof ToolError);
    assert.match(error.message, /^can't read the backup .*newer than 2/);
    assert.match(spelled(error.next), /the version of memcached-backup that wrote it, or a later one/);
    return true;
  });
});

for (const [name, change] of Object.entries<(document: BackupDocument & Record<string, unknown>) => void>({
  'a field that is not ours': (document) => (document.extra = 1),
  'a field of the wrong type': (document) => Object.assign(document.cluster, { serverVersion: 134 }),
  'an unknown role': (document) => Object.assign(document.objects[0]!, { role: 'boss' }),
  'an object file outside': (document) => (document.objects[0]!.raw = '../raw.json'),
  'a digest in upper case': (document) => (document.files[0]!.sha256 = 'A'.repeat(64)),
  'an absurd size': (document) => (document.files[0]!.size = 2 ** 40),
})) {
  test(`the schema refuses ${name}`, async (t) => {
    const { store, folder } = await stored(t);
    forge(folder, change);
    await assert.rejects(
      store.open(ADDRESS),
      /is damaged: backup\.json: (\/|must NOT have additional properties \("extra"\))/,
    );
  });
}

const asFile: Spoil[] = [
  {
    name: 'that is missing',
    spoil: (folder) => rmSync(join(folder, VALUES)),
    says: /helm\/values\.yaml is missing/,
  },
  {
    name: 'that grew',
    spoil: (folder) => appendFileSync(join(folder, VALUES), '#'),
    says: /helm\/values\.yaml has 13 bytes, backup\.json says 12/,
  },
  {
    name: 'that is a folder',
    spoil: (folder) => {
      rmSync(join(folder, VALUES));
      mkdirSync(join(folder, VALUES));
    },
    says: /helm\/values\.yaml is not a file/,
  },
  {
    name: 'that is a link',
    spoil: (folder) => {
      renameSync(join(folder, VALUES), join(folder, 'helm/copy.yaml'));
      symlinkSync('copy.yaml', join(folder, VALUES));
    },
    says: /helm\/values\.yaml is (a symbolic link or behind one|not a file)/,
  },
];
for (const { name, spoil, says } of asFile) {
  test(`a file ${name} is not read, and the backup is listed with the reason`, async (t) => {
    const { store, folder } = await stored(t);
    spoil(folder);
    const reader = await store.open(ADDRESS);
    await assert.rejects(reader.read(VALUES), says);
    assert.equal((await reader.read('RUNBOOK.md')).toString(), SAMPLE_FILES['RUNBOOK.md']);
    const [listed] = await store.list({});
    assert.match(listed?.damage ?? 'not damaged', says);
    assert.equal(listed?.summary?.toolVersion, reader.document.tool.version, 'what is known of it is shown');
  });
}

test('a file with one bit changed is not read', async (t) => {
  const { store, folder } = await stored(t);
  writeFileSync(join(folder, VALUES), 'replicas: 3\n');
  const reader = await store.open(ADDRESS);
  await assert.rejects(
    reader.read(VALUES),
    /the sha256 of helm\/values\.yaml is not the one in backup\.json/,
  );
});

test('a file behind a linked folder is not read', async (t) => {
  const { store, folder, root } = await stored(t);
  await cp(join(folder, 'helm'), join(root, 'outside'), { recursive: true });
  rmSync(join(folder, 'helm'), { recursive: true });
  symlinkSync(join(root, 'outside'), join(folder, 'helm'));
  const reader = await store.open(ADDRESS);
  await assert.rejects(reader.read(VALUES), /helm\/values\.yaml is a symbolic link or behind one/);
});

for (const path of ['notes.txt', 'backup.json', '../20261122T101500Z/RUNBOOK.md', '/etc/passwd']) {
  test(`${path}, which backup.json does not name, is not read`, async (t) => {
    const { store, folder } = await stored(t);
    writeFileSync(join(folder, 'notes.txt'), 'x');
    const reader = await store.open(ADDRESS);
    await assert.rejects(reader.read(path), /backup\.json names no file/);
  });
}

test('a backup that does not exist is named, with the command that lists what does', async (t) => {
  const { root, store } = await stored(t);
  await assert.rejects(store.open({ ...ADDRESS, id: '20200101T000000Z' }), (error) => {
    assert.ok(error instanceof ToolError);
    assert.equal(error.exitCode, 1);
    assert.match(error.message, /^there is no backup .*20200101T000000Z$/);
    assert.equal(spelled(error.next), `kubectl memcached-backup list cart -n shop --store ${root}`);
    return true;
  });
});

test('a store that does not exist can not be reached', async (t) => {
  const store = await openStore(join(await temporaryFolder(t), 'none'));
  for (const step of [() => store.open(ADDRESS), () => store.list({})]) {
    await assert.rejects(step, (error) => {
      assert.ok(error instanceof UnreachableError);
      assert.equal(error.exitCode, 4);
      assert.match(error.message, /^the store .*none does not exist$/);
      assert.match(spelled(error.next), /kubectl memcached-backup backup '<RELEASE>' --store .*none/);
      return true;
    });
  }
});
