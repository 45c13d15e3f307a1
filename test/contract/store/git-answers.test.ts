import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { ToolError, UsageError } from '../../../src/errors/tool-error.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { Keys, NO_KEYS } from '../../../src/store/seal/keys.ts';
import { sealingStore } from '../../../src/store/seal/sealing-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { aKey } from '../../support/sealed.ts';
import { spelled } from '../../unit/spelled.ts';
import {
  ADDRESS,
  SAMPLE_FILES,
  sampleContent,
  sampleDocument,
  writeSample,
} from '../../unit/store/sample-backup.ts';
import { commitWith, makeGitStore, makeRepository, type TestRepository } from './git-kind.ts';

const FOLDER = `clusters/${ADDRESS.cluster}/${ADDRESS.namespace}/${ADDRESS.release}`;
const LATER = { ...ADDRESS, id: '20261123T101500Z' };
const LATER_TIME = { startedAt: '2026-11-23T10:15:00.123Z' };

const commits = ({ git }: TestRepository, ref = 'main'): number =>
  Number(git(['rev-list', '--count', ref]).toString());

function open(repository: TestRepository, env: NodeJS.ProcessEnv = {}): Promise<Store> {
  return openStore(`git+file://${repository.folder}?path=clusters#main`, undefined, {
    env: { ...repository.env, ...env },
    git: { allowPlainSecrets: true },
  });
}

/** How often `work` starts git, by GIT_TRACE2_EVENT. */
async function gitCommands(
  t: TestContext,
  work: (env: NodeJS.ProcessEnv) => Promise<void>,
): Promise<string[]> {
  const { folder } = await makeRepository(t);
  const trace = join(folder, '..', 'trace');
  await mkdir(trace);
  await work({ GIT_TRACE2_EVENT: trace });
  const commands: string[] = [];
  for (const name of await readdir(trace)) {
    // "/" in the name of a session: started by another git.
    const events = (await readFile(join(trace, name), 'utf8')).trim().split('\n');
    const start = events.map((line) => JSON.parse(line)).find(({ event }) => event === 'cmd_name');
    if (start !== undefined && !start.sid.includes('/')) commands.push(start.name);
  }
  return commands;
}

describe('a store in Git', () => {
  test('commits what changed, in place, so that its diff is what changed', async (t) => {
    const { tested, repository } = await makeGitStore(t);
    await writeSample(await tested.open());
    const files = { ...SAMPLE_FILES, 'helm/values.yaml': 'replicas: 3\n' };
    await (await tested.open()).save(LATER, sampleContent(files, sampleDocument(LATER, LATER_TIME)));
    assert.equal(commits(repository), 2);
    const changed = repository.git(['diff', '--name-only', 'main~1', 'main']).toString().trim().split('\n');
    assert.deepEqual(
      changed,
      ['backup.json', 'backup.json.sha256', 'helm/values.yaml'].map((name) => `${FOLDER}/${name}`),
    );
    const message = repository.git(['log', '-1', '--format=%s%n%(trailers)', 'main']).toString();
    assert.match(
      message,
      /^Back up shop\/cart \(20261123T101500Z\)\nRelease: cart\nNamespace: shop\nCluster: 3f6c2a10\n/,
    );
  });

  test('makes no commit on the branch where nothing changed, and the backup counts all the same', async (t) => {
    const { tested, repository } = await makeGitStore(t);
    await writeSample(await tested.open());
    await writeSample(await tested.open(), LATER, LATER_TIME);
    assert.equal(commits(repository), 1);
    const store = await tested.open();
    assert.equal((await store.list({})).length, 2);
    assert.equal((await store.open(LATER)).document.startedAt, LATER_TIME.startedAt);
    assert.equal((await store.open(ADDRESS)).document.id, ADDRESS.id);
  });

  test('goes on where somebody rewrote the branch, and has lost nothing', async (t) => {
    const { tested, repository } = await makeGitStore(t);
    await writeSample(await tested.open());
    const save = async (id: string, text: string) =>
      (await tested.open()).save({ ...ADDRESS, id }, sampleContent({ text }, sampleDocument({ id })));
    await save(LATER.id, 'lost\n');
    repository.git([
      'update-ref',
      'refs/heads/main',
      commitWith(repository, '', { path: 'x', content: Buffer.from('x') }),
    ]);
    await save('20261124T101500Z', 'after\n');
    assert.equal(commits(repository), 2, 'somebody else’s, and ours on it');
    const store = await tested.open();
    assert.equal((await store.list({})).length, 3);
    assert.equal((await (await store.open(LATER)).read('text')).toString(), 'lost\n');
    assert.equal((await store.open(ADDRESS)).document.id, ADDRESS.id);
  });

  test('leaves alone what others keep in the repository, and in the folder of the release', async (t) => {
    const { tested, repository } = await makeGitStore(t);
    await writeSample(await tested.open());
    await tested.plant(`${FOLDER.replace('clusters/', '')}/notes.txt`, Buffer.from('notes\n'));
    const files = { 'RUNBOOK.md': 'other\n' };
    await (await tested.open()).save(LATER, sampleContent(files, sampleDocument(LATER)));
    const left = repository
      .git(['ls-tree', '-r', '--name-only', 'main', `${FOLDER}/`])
      .toString()
      .trim()
      .split('\n');
    assert.deepEqual(
      left.map((path) => path.slice(FOLDER.length + 1)),
      ['RUNBOOK.md', 'backup.json', 'backup.json.sha256', 'notes.txt'],
    );
  });

  test('takes eight writers at once, each with a cache of its own: nothing is lost, and nothing merged', async (t) => {
    const { repository, tested } = await makeGitStore(t);
    const written = await Promise.all(
      Array.from({ length: 8 }, async (_, at) => {
        const store = await open(repository, {
          XDG_CACHE_HOME: join(repository.folder, '..', `cache-${at}`),
        });
        const files = { ...SAMPLE_FILES, 'settings.json': `{"writer":${at}}\n` };
        return store.save(ADDRESS, sampleContent(files));
      }),
    );
    assert.equal(new Set(written.map(({ address }) => address.id)).size, 8);
    assert.equal(commits(repository), 8);
    assert.equal(repository.git(['rev-list', '--merges', 'main']).toString(), '');
    const store = await tested.open();
    for (const [at, { address }] of written.entries())
      assert.equal(
        (await (await store.open(address)).read('settings.json')).toString(),
        `{"writer":${at}}\n`,
      );
  });

  test('lists two hundred backups with four commands of git where the cache knows them', async (t) => {
    const { repository, tested } = await makeGitStore(t);
    await writeSample(await tested.open());
    for (let at = 2; at <= 200; at++) {
      const id = `${ADDRESS.id}-${at}`;
      copyTag(repository, id);
    }
    assert.equal((await (await tested.open()).list({})).length, 200);
    const commands = await gitCommands(t, async (env) => {
      assert.equal((await (await open(repository, env)).list({})).length, 200);
    });
    assert.deepEqual(commands.filter((name) => name !== 'version').sort(), [
      'cat-file',
      'for-each-ref',
      'ls-remote',
    ]);
  });

  test('opens a backup without fetching its files one by one', async (t) => {
    const { repository, tested } = await makeGitStore(t);
    await writeSample(await tested.open());
    rmSync(join(repository.folder, '..', 'cache'), { recursive: true });
    const commands = await gitCommands(t, async (env) => {
      await (await open(repository, env)).open(ADDRESS);
    });
    assert.equal(commands.filter((name) => name === 'fetch').length, 3, 'its tag, its trees, its files');
  });

  test('works with a server that leaves nothing out of a fetch', async (t) => {
    const repository = await makeRepository(t, { filters: false });
    await writeSample(await open(repository));
    rmSync(join(repository.folder, '..', 'cache'), { recursive: true });
    assert.equal((await (await open(repository)).open(ADDRESS)).document.id, ADDRESS.id);
  });

  test('works with a server that gives no object but what a ref leads to, as sshd lets git speak: protocol version 0', async (t) => {
    const { repository, tested } = await makeGitStore(t);
    execFileSync('git', ['config', '--global', 'protocol.version', '0'], { env: repository.env });
    await writeSample(await tested.open());
    rmSync(join(repository.folder, '..', 'cache'), { recursive: true });
    const read = async (address: typeof ADDRESS) =>
      (await (await (await tested.open()).open(address)).read('RUNBOOK.md')).toString();
    assert.equal(await read(ADDRESS), SAMPLE_FILES['RUNBOOK.md']);
    // By somebody who has another cache.
    await (await open(repository, { XDG_CACHE_HOME: join(repository.folder, '..', 'other') })).save(
      LATER,
      sampleContent({ 'RUNBOOK.md': 'other\n' }, sampleDocument(LATER, LATER_TIME)),
    );
    const fetched = await gitCommands(t, async (env) => {
      const store = await open(repository, env);
      assert.equal((await (await store.open(LATER)).read('RUNBOOK.md')).toString(), 'other\n');
      assert.equal((await store.list({})).length, 2);
    });
    assert.equal(fetched.filter((name) => name === 'fetch').length, 1, 'the cache knows it by now');
    assert.equal((await (await tested.open()).condition()).unwritable, undefined);
  });

  test('does not call damaged what a newer version wrote, so that nobody takes it away', async (t) => {
    const { tested, repository } = await makeGitStore(t);
    await writeSample(await tested.open());
    const ref = `refs/tags/backup/${FOLDER}/${ADDRESS.id}`;
    const said = ['Back up', '', 'Document-Sha256: v9', 'Summary: {"of":"tomorrow"}', ''].join('\n');
    const place = Object.values({ ...ADDRESS }).join('/');
    const check = createHash('sha256').update(`${place}\n${said}`).digest('hex');
    const text = repository.git(['cat-file', 'tag', ref]).toString();
    const tag = `${text.slice(0, text.indexOf('\n\n') + 2)}${said}Check: ${check}\n`;
    repository.git(['update-ref', ref, repository.git(['mktag'], tag).toString().trim()]);
    const [listed] = await (await tested.open()).list({});
    assert.match(listed?.damage ?? '', /says something that this version does not read/);
    assert.equal(listed?.unreadable, true);
    repository.git(['update-ref', ref, repository.git(['mktag'], tag.replace('v9', 'v8')).toString().trim()]);
    assert.equal((await (await tested.open()).list({}))[0]?.unreadable, undefined, 'that is damaged');
  });

  test('throws a cache away that is broken, and believes nothing of it', async (t) => {
    const { repository, tested } = await makeGitStore(t);
    await writeSample(await tested.open());
    const caches = join(repository.folder, '..', 'cache', 'memcached-backup', 'git');
    const [cache = ''] = readdirSync(caches).filter((name) => /^[0-9a-f]{64}$/.test(name));
    const break_ = async (how: (folder: string) => void): Promise<void> => {
      how(join(caches, cache));
      assert.equal((await (await tested.open()).list({}))[0]?.damage, undefined);
      assert.equal((await (await tested.open()).open(ADDRESS)).document.id, ADDRESS.id);
      await writeSample(await tested.open());
    };
    await break_((folder) => rmSync(join(folder, 'objects'), { recursive: true }));
    await break_((folder) => writeFileSync(join(folder, 'config'), 'no config'));
    await break_((folder) => {
      for (const name of readdirSync(join(folder, 'objects'), { recursive: true, encoding: 'utf8' }))
        if (/^[0-9a-f]{2}\/[0-9a-f]{38}$/.test(name)) {
          rmSync(join(folder, 'objects', name));
          writeFileSync(join(folder, 'objects', name), 'x');
        }
    });
    await break_((folder) => writeFileSync(`${folder}.lock`, `999999999 ${hostname()}\n`));
  });

  test('needs no folder for caches, and leaves no other behind', async (t) => {
    const repository = await makeRepository(t);
    const parent = join(repository.folder, '..');
    await writeFile(join(parent, 'file'), '');
    await mkdir(join(parent, 'tmp'));
    const before = process.env.TMPDIR;
    process.env.TMPDIR = join(parent, 'tmp');
    t.after(() => {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    });
    await writeSample(await open(repository, { XDG_CACHE_HOME: join(parent, 'file', 'x') }));
    assert.deepEqual(await readdir(join(parent, 'tmp')), []);
  });

  test('refuses Secrets in plain text, and warns where they are allowed', async (t) => {
    const repository = await makeRepository(t);
    const location = `git+file://${repository.folder}`;
    const store = await openStore(location, undefined, { env: repository.env });
    await assert.rejects(writeSample(store), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /holds Helm's record.* in plain text, which does not go into Git/);
      assert.match(spelled(error.next), /--encrypt-to .* --allow-plain-secrets/);
      return true;
    });
    assert.equal(repository.git(['for-each-ref']).toString(), '');
    assert.ok(!existsSync(join(repository.folder, '..', 'cache')), 'git is not even asked');
    const { helm } = sampleDocument();
    const withoutSecrets = {
      helm: { ...helm!, revisions: [] },
      withoutSecrets: { objects: [], records: [] },
    };
    await writeSample(store, {}, withoutSecrets);
    const warnings: string[] = [];
    const warn = (text: string): void => void warnings.push(text);
    const allowing = await openStore(location, undefined, {
      env: repository.env,
      git: { allowPlainSecrets: true, warn },
    });
    await writeSample(allowing);
    await writeSample(allowing);
    assert.equal(warnings.length, 2);
    assert.match(warnings[0] ?? '', /in plain text: whoever can read the repository has it/);
  });

  test('takes a sealed backup as it is, and no object of it holds a word of what was sealed', async (t) => {
    const repository = await makeRepository(t);
    const key = await aKey(t);
    const keys = new Keys({ ...NO_KEYS, encryptTo: [key.recipient], identityFiles: [key.file] });
    const inner = await openStore(`git+file://${repository.folder}`, undefined, { env: repository.env });
    const store = sealingStore(inner, keys);
    await writeSample(store);
    const plain = await (await store.open(ADDRESS)).unsealed();
    assert.equal((await plain.read('helm/values.yaml')).toString(), SAMPLE_FILES['helm/values.yaml']);
    const objects = repository.git(['cat-file', '--batch-all-objects', '--batch', '--buffer']);
    assert.ok(objects.includes('sealed.tar.gz.age'), 'the tree is among them');
    assert.ok(!objects.includes('replicas: 2'));
  });

  test('lists the others beside a tag that leads to something huge', async (t) => {
    const { tested, repository } = await makeGitStore(t);
    await writeSample(await tested.open());
    const huge = repository.git(['hash-object', '-w', '--stdin'], Buffer.alloc(260 * 1024 * 1024));
    const { cluster, namespace, release } = ADDRESS;
    const ref = `refs/tags/backup/clusters/${cluster}/${namespace}/${release}/${LATER.id}`;
    repository.git(['update-ref', ref, huge.toString().trim()]);
    const listed = await (await tested.open()).list({});
    assert.deepEqual(listed.map(({ address, damage }) => [address.id, damage !== undefined]).sort(), [
      [ADDRESS.id, false],
      [LATER.id, true],
    ]);
  });

  test('refuses links and submodules in a backup', async (t) => {
    const { tested, repository } = await makeGitStore(t);
    await writeSample(await tested.open());
    for (const [mode, type] of [
      ['120000', 'link'],
      ['160000', 'submodule'],
    ] as const) {
      retag(repository, (commit) => withEntry(repository, commit, mode));
      await assert.rejects((await tested.open()).open(ADDRESS), /settings\.json is no plain file/, type);
    }
  });

  test("signs with the user's configuration, and runs the user's hooks", async (t) => {
    const { tested, repository } = await makeGitStore(t);
    const home = join(repository.folder, '..');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, 'key')]);
    await mkdir(join(home, 'hooks'));
    await writeFile(join(home, 'hooks', 'pre-push'), `#!/bin/sh\necho pushed >>${home}/pushes\n`, {
      mode: 0o755,
    });
    const settings = {
      'gpg.format': 'ssh',
      'user.signingKey': join(home, 'key'),
      'commit.gpgSign': 'true',
      'tag.gpgSign': 'true',
      'core.hooksPath': join(home, 'hooks'),
    };
    for (const [name, value] of Object.entries(settings))
      execFileSync('git', ['config', '--global', name, value], { env: repository.env });
    await writeSample(await tested.open());
    assert.match(
      repository.git(['cat-file', 'commit', 'main']).toString(),
      /^gpgsig -----BEGIN SSH SIGNATURE-----$/m,
    );
    const [listed] = await (await tested.open()).list({});
    assert.equal(listed?.damage, undefined);
    const [tag = ''] = repository.git(['tag']).toString().split('\n');
    assert.match(repository.git(['cat-file', 'tag', tag]).toString(), /-----BEGIN SSH SIGNATURE-----/);
    assert.match(await readFile(join(home, 'pushes'), 'utf8'), /pushed/);
  });

  test('commits in a name of its own where git has none', async (t) => {
    const { tested, repository } = await makeGitStore(t);
    await writeSample(await tested.open());
    const author = repository.git(['log', '-1', '--format=%an <%ae>', 'main']).toString().trim();
    assert.equal(author, 'memcached-backup <memcached-backup@localhost>');
  });

  test('says so where there is no git', async (t) => {
    const { folder } = await makeRepository(t);
    const script = `
      const { openStore } = await import(${JSON.stringify(join(import.meta.dirname, '../../../src/store/open-store.ts'))});
      const store = await openStore('git+file://${folder}');
      await store.list({}).catch((error) => console.log(error.exitCode, error.message, [error.next].flat().join('')));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { PATH: join(folder, 'nothing') },
      encoding: 'utf8',
    });
    assert.match(stdout, /^4 can't read the store .*: there is no git program on PATH install git/);
  });

  test('arrives whole or not at all where the server is killed in the middle of a push', async (t) => {
    const { tested, repository } = await makeGitStore(t);
    await writeSample(await tested.open());
    const refs = (): string => repository.git(['for-each-ref']).toString();
    const before = refs();
    const files = { ...SAMPLE_FILES, 'settings.json': '{}\n' };
    const save = async () => (await tested.open()).save(LATER, sampleContent(files, sampleDocument(LATER)));
    await mkdir(join(repository.folder, 'hooks'), { recursive: true });
    const hook = (name: string): string => join(repository.folder, 'hooks', name);
    await writeFile(hook('pre-receive'), '#!/bin/sh\nkill -9 $PPID\n', { mode: 0o755 });
    await assert.rejects(save(), ToolError);
    assert.equal(refs(), before, 'nothing of it');
    rmSync(hook('pre-receive'));
    await writeFile(hook('post-receive'), '#!/bin/sh\nkill -9 $PPID\n', { mode: 0o755 });
    assert.equal((await save()).address.id, LATER.id, 'its answer was lost, and it is there');
    assert.equal(commits(repository), 2);
    assert.equal((await (await tested.open()).list({})).length, 2);
  });

  test('says once that history keeps what was removed', async (t) => {
    const { repository, location } = await makeGitStore(t);
    const warnings: string[] = [];
    const warn = (text: string): void => void warnings.push(text);
    const store = await openStore(location, undefined, {
      env: repository.env,
      git: { allowPlainSecrets: true, warn },
    });
    await writeSample(store);
    await writeSample(store, LATER);
    warnings.length = 0;
    await store.remove(ADDRESS);
    await store.remove(LATER);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /takes nothing out of its history/);
    assert.equal(commits(repository), 1);
    assert.deepEqual(await store.list({}), []);
  });

  test('takes the words of a server that declines, without what may hide in them', async (t) => {
    const { tested, repository } = await makeGitStore(t);
    const hook = join(repository.folder, 'hooks', 'pre-receive');
    await mkdir(join(repository.folder, 'hooks'), { recursive: true });
    await writeFile(
      hook,
      '#!/bin/sh\nprintf "\\033[31mask https://me:hunter2@example.test/\\n" >&2\nexit 1\n',
      { mode: 0o755 },
    );
    await assert.rejects(writeSample(await tested.open()), (error) => {
      assert.ok(error instanceof ToolError);
      assert.match(
        error.message,
        /the server declines it, by a hook or a rule .*ask https:\/\/example\.test/,
      );
      assert.ok(!error.message.includes('\u001b') && !error.message.includes('hunter2'));
      return true;
    });
    assert.equal(repository.git(['for-each-ref']).toString(), '', 'neither the branch nor the tag');
  });
});

/** Another backup of the sample's commit, past the tool: `list` looks at tags alone. */
function copyTag(repository: TestRepository, id: string): void {
  const ref = `refs/tags/backup/${FOLDER}/${id}`;
  const text = repository.git(['cat-file', 'tag', `backup/${FOLDER}/${ADDRESS.id}`]).toString();
  const tag = text.replace(/^tag .*$/m, `tag ${ref.slice('refs/tags/'.length)}`);
  const oid = repository.git(['mktag'], tag).toString().trim();
  repository.git(['update-ref', ref, oid]);
}

function retag({ git }: TestRepository, change: (commit: string) => string): void {
  const ref = `refs/tags/backup/${FOLDER}/${ADDRESS.id}`;
  const text = git(['cat-file', 'tag', ref]).toString();
  const commit = git(['rev-parse', `${ref}^{commit}`])
    .toString()
    .trim();
  const oid = git(['mktag'], text.replace(/^object .*$/m, `object ${change(commit)}`))
    .toString()
    .trim();
  git(['update-ref', ref, oid]);
}

function withEntry(repository: TestRepository, commit: string, mode: string): string {
  return commitWith(repository, commit, {
    path: `${FOLDER}/settings.json`,
    content: Buffer.from('/etc/passwd'),
    mode,
  });
}
