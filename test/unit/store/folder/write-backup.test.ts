import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode } from '../../../../src/errors/exit-code.ts';
import { ToolError } from '../../../../src/errors/tool-error.ts';
import { openStore } from '../../../../src/store/open-store.ts';
import { spelled } from '../../spelled.ts';
import { ADDRESS, SAMPLE_FILES, sampleContent, sampleDocument, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('a backup lies at <store>/<cluster>/<namespace>/<release>/<id> with its files and nothing else', async (t) => {
  const root = await temporaryFolder(t);
  const { location } = await writeSample(await openStore(root));
  assert.equal(location, join(root, '3f6c2a10/shop/cart/20261122T101500Z'));
  const files = readdirSync(location, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(location.length + 1));
  assert.deepEqual(files.sort(), [...Object.keys(SAMPLE_FILES), 'backup.json', 'backup.json.sha256'].sort());
  assert.deepEqual(readdirSync(join(root, '3f6c2a10/shop/cart')), ['20261122T101500Z']);
});

test('the document records every file with its size and digest, ordered by path', async (t) => {
  const root = await temporaryFolder(t);
  const { location } = await writeSample(await openStore(root));
  const document = JSON.parse(readFileSync(join(location, 'backup.json'), 'utf8'));
  assert.deepEqual(
    document.files.map((file: { path: string }) => file.path),
    Object.keys(SAMPLE_FILES).sort(),
  );
  const settings = document.files.find((file: { path: string }) => file.path === 'settings.json');
  assert.equal(settings.size, 12);
  assert.match(
    execFileSync('sha256sum', [join(location, 'settings.json')], { encoding: 'utf8' }),
    new RegExp(`^${settings.sha256} `),
  );
});

test('sha256sum alone checks backup.json', async (t) => {
  const root = await temporaryFolder(t);
  const { location } = await writeSample(await openStore(root));
  const options = { cwd: location, encoding: 'utf8' } as const;
  assert.equal(execFileSync('sha256sum', ['-c', 'backup.json.sha256'], options), 'backup.json: OK\n');
});

for (const umask of [0o000, 0o022, 0o777]) {
  test(`files are 0600 and folders 0700 under umask ${umask.toString(8)}`, async (t) => {
    const root = await temporaryFolder(t);
    const before = process.umask(umask);
    try {
      await writeSample(await openStore(join(root, 'new/store')));
    } finally {
      process.umask(before);
    }
    for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      const stats = lstatSync(join(root, entry));
      assert.equal(stats.mode & 0o777, stats.isDirectory() ? 0o700 : 0o600, entry);
    }
  });
}

test('a folder that exists keeps its permissions', async (t) => {
  const root = await temporaryFolder(t);
  await mkdir(join(root, 'shared'), { mode: 0o755 });
  await writeSample(await openStore(join(root, 'shared')));
  assert.equal(lstatSync(join(root, 'shared')).mode & 0o777, 0o755);
});

test('a store that is a symbolic link works', async (t) => {
  const root = await temporaryFolder(t);
  await mkdir(join(root, 'real'));
  symlinkSync('real', join(root, 'link'));
  const store = await openStore(join(root, 'link'));
  const written = await writeSample(store);
  assert.equal((await store.list({})).length, 1);
  assert.equal((await (await store.open(written)).read('RUNBOOK.md')).toString(), SAMPLE_FILES['RUNBOOK.md']);
});

test('an id that is taken gets a suffix, in the folder and in the document', async (t) => {
  const store = await openStore(await temporaryFolder(t));
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push((await writeSample(store)).id);
  assert.deepEqual(ids, ['20261122T101500Z', '20261122T101500Z-2', '20261122T101500Z-3']);
  for (const id of ids) assert.equal((await store.open({ ...ADDRESS, id })).document.id, id);
});

test('of writers that race for one id each gets its own', async (t) => {
  const store = await openStore(await temporaryFolder(t));
  const written = await Promise.all(Array.from({ length: 6 }, () => writeSample(store)));
  assert.equal(new Set(written.map(({ id }) => id)).size, 6);
  const listed = await store.list({});
  assert.equal(listed.length, 6);
  assert.deepEqual(
    listed.filter(({ damage }) => damage !== undefined),
    [],
  );
});

test('an empty folder of the same name is not a backup and is replaced', async (t) => {
  const root = await temporaryFolder(t);
  await mkdir(join(root, '3f6c2a10/shop/cart/20261122T101500Z'), { recursive: true });
  const { id } = await writeSample(await openStore(root));
  assert.equal(id, '20261122T101500Z');
});

test('a signal before the last step leaves nothing, and its reason is thrown', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openStore(root);
  const reason = new Error('enough');
  await assert.rejects(store.save(ADDRESS, sampleContent(), AbortSignal.abort(reason)), reason);
  assert.deepEqual(readdirSync(join(root, '3f6c2a10/shop/cart')), []);
});

test('whenever the signal comes, there is a whole backup or nothing, and until then nothing is listed', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openStore(root);
  const outcomes = new Set<string>();
  for (const ms of [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, Number.POSITIVE_INFINITY]) {
    const release = `cart-${ms}`;
    const interruption = new AbortController();
    const content = sampleContent(SAMPLE_FILES, sampleDocument({ release }));
    const saving = store.save({ ...ADDRESS, release }, content, interruption.signal).then(
      () => 'whole',
      () => 'nothing',
    );
    await (Number.isFinite(ms) ? sleep(ms) : saving);
    interruption.abort(new Error('enough'));
    const listed = await store.list({ release });
    const outcome = await saving;
    outcomes.add(outcome);
    assert.ok(listed.every(({ damage }) => damage === undefined));
    assert.equal((await store.list({ release })).length, outcome === 'whole' ? 1 : 0);
    assert.equal(readdirSync(join(root, '3f6c2a10/shop', release)).length, outcome === 'whole' ? 1 : 0);
  }
  assert.deepEqual([...outcomes].sort(), ['nothing', 'whole']);
});

for (const path of [
  '../x',
  '/x',
  'a/../../x',
  'a//b',
  './x',
  '.',
  'a/..',
  'backup.json',
  'verified.json',
  'a\\b',
  'a\nb',
  '',
]) {
  test(`a file may not be named ${JSON.stringify(path)}`, async (t) => {
    const root = await temporaryFolder(t);
    const store = await openStore(root);
    await assert.rejects(
      store.save(ADDRESS, sampleContent({ [path]: 'x' })),
      /can not be a file of a backup/,
    );
    assert.deepEqual(readdirSync(root), []);
  });
}

test("a chart's hidden file is kept", async (t) => {
  const store = await openStore(await temporaryFolder(t));
  await store.save(ADDRESS, sampleContent({ 'helm/chart/.helmignore': '.git\n' }));
  assert.equal((await (await store.open(ADDRESS)).read('helm/chart/.helmignore')).toString(), '.git\n');
});

test('one file that is there twice is a defect, and nothing is written', async (t) => {
  const root = await temporaryFolder(t);
  const { document, files } = sampleContent({ x: '1' });
  await assert.rejects(
    (await openStore(root)).save(ADDRESS, { document, files: [...files, ...files] }),
    /"x" is in the backup twice/,
  );
  assert.deepEqual(readdirSync(root), []);
});

test('a document of another place is refused: no reader would accept it', async (t) => {
  const root = await temporaryFolder(t);
  await assert.rejects(
    (await openStore(root)).save(ADDRESS, sampleContent({}, sampleDocument({ namespace: 'other' }))),
    /is not of 3f6c2a10\/shop\/cart/,
  );
  assert.deepEqual(readdirSync(root), []);
});

for (const address of [
  { cluster: '..' },
  { namespace: 'a/b' },
  { release: '.x' },
  { id: 'latest' },
  { cluster: '' },
]) {
  test(`an address with ${JSON.stringify(address)} makes no folder`, async (t) => {
    const root = await temporaryFolder(t);
    const store = await openStore(root);
    await assert.rejects(store.save({ ...ADDRESS, ...address }, sampleContent()));
    assert.deepEqual(readdirSync(root), []);
  });
}

test('leftovers of dead writers go after some hours, others stay', async (t) => {
  const root = await temporaryFolder(t);
  const parent = join(root, '3f6c2a10/shop/cart');
  const dead = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
  const folders = {
    deadAndOld: `.partial-20261101T000000Z.${dead}.aaaa`,
    deadAndNew: `.partial-20261101T000001Z.${dead}.bbbb`,
    aliveAndOld: `.partial-20261101T000002Z.${process.pid}.cccc`,
    foreignAndOld: '.partial-notes',
  };
  for (const name of Object.values(folders)) {
    await mkdir(join(parent, name, 'raw'), { recursive: true });
    writeFileSync(join(parent, name, 'raw/x.json'), '{}');
    const hoursAgo = name === folders.deadAndNew ? 1 : 7;
    const time = Date.now() / 1000 - hoursAgo * 3600;
    utimesSync(join(parent, name), time, time);
  }
  const store = await openStore(root);
  await writeSample(store);
  assert.deepEqual(
    readdirSync(parent).sort(),
    [folders.deadAndNew, folders.aliveAndOld, folders.foreignAndOld, ADDRESS.id].sort(),
  );
  assert.equal((await store.list({})).length, 1);
});

test('a store whose path goes through a file is named, with what to check', async (t) => {
  const root = await temporaryFolder(t);
  writeFileSync(join(root, 'file'), '');
  const store = await openStore(join(root, 'file/store'));
  const expected = (error: unknown): boolean => {
    assert.ok(error instanceof ToolError);
    assert.equal(error.exitCode, ExitCode.unreachable);
    assert.match(
      error.message,
      /^can't write to the store .*file\/store: part of the path is a file, not a folder$/,
    );
    assert.match(error.untouched ?? '', /nothing half written is left/);
    assert.match(spelled(error.next), /ls -ld .*file\/store/);
    return true;
  };
  await assert.rejects(store.save(ADDRESS, sampleContent()), expected);
});

for (const location of ['ftp://example.test/x', 'gs:bucket']) {
  test(`${location} says that there are no such stores`, async () => {
    await assert.rejects(openStore(location), (error) => {
      assert.ok(error instanceof ToolError);
      assert.equal(error.exitCode, 2);
      assert.match(error.message, /^there are no stores of the kind \w+: backups are kept in a folder, /);
      return true;
    });
  });
}

test('a store needs a name', async () => {
  await assert.rejects(openStore(' '), /the store has no name/);
});
