import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { openStore } from '../../../src/store/open-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { sshdObstacle } from '../../support/sshd.ts';
import { sampleContent, sampleDocument, writeSample } from '../../unit/store/sample-backup.ts';
import { makeHttpsStore } from './git-https-kind.ts';
import { makeGitStore, makeRepository, type TestRepository } from './git-kind.ts';
import { makeSshStore } from './git-ssh-kind.ts';

/** Something that is wrong with a store in Git, brought about on a real repository, sshd or HTTPS server. */
export interface GitFault {
  name: string;
  /** What doctor makes of it. */
  code: string;
  /** What the evidence says. */
  says: RegExp;
  /** One of the commands to paste. */
  command?: RegExp;
  /** Why it can't be brought about here; undefined where it can. */
  obstacle?: string | undefined;
  /** Opens the store that has it, until the test ends. */
  plant(t: TestContext): Promise<Store>;
}

const OVER_SSH = { obstacle: sshdObstacle() };

/** One fault for each code of a store in Git; more where it shows in several ways. */
export const GIT_FAULTS: readonly GitFault[] = [
  {
    ...OVER_SSH,
    name: 'a host key that is not known',
    code: 'MB383',
    says: /the host key of the server is not known here .*Host key verification failed/,
    command: /^ssh-keyscan -p \d+ 127\.0\.0\.1$/,
    plant: (t) => withKnownHosts(t, () => ''),
  },
  {
    ...OVER_SSH,
    name: 'a host key that has changed',
    code: 'MB384',
    says: /the host key of the server has changed/,
    command: /^ssh-keygen -l -F '\[127\.0\.0\.1\]:\d+'$/,
    plant: (t) =>
      withKnownHosts(t, (port, folder) => {
        execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'other')]);
        const other = execFileSync('ssh-keygen', ['-y', '-f', join(folder, 'other')], { encoding: 'utf8' });
        return `[127.0.0.1]:${port} ${other}`;
      }),
  },
  {
    ...OVER_SSH,
    name: 'a key that the server refuses',
    code: 'MB385',
    says: /the server refuses every SSH key that was offered/,
    command: /^ssh -v -T -p \d+ \w+@127\.0\.0\.1$/,
    plant: async (t) => {
      const { tested, sshd } = await makeSshStore(t, 'command');
      sshd.allow(false);
      t.after(() => sshd.allow());
      return tested.open();
    },
  },
  {
    ...OVER_SSH,
    name: 'a deploy key that may only read',
    code: 'MB387',
    says: /permission denied by the server .*marked as read only/,
    plant: async (t) => {
      const { tested } = await makeSshStore(t, 'command');
      const mend = await tested.break('read-only');
      t.after(() => mend?.());
      return tested.open();
    },
  },
  {
    ...OVER_SSH,
    name: 'a repository that sshd does not find',
    code: 'MB390',
    says: /there is no such repository, or it is not shown to you/,
    command: /^git ls-remote 'ssh:\/\/|^git ls-remote ssh:\/\//,
    plant: async (t) => {
      const { tested, repository } = await makeSshStore(t, 'command');
      await rename(repository.folder, `${repository.folder}.away`);
      return tested.open();
    },
  },
  {
    ...OVER_SSH,
    name: 'a server on which nothing listens',
    code: 'MB377',
    says: /the server can not be reached .*Connection refused/,
    plant: async (t) => {
      const { tested, sshd } = await makeSshStore(t, 'command');
      await sshd.stop();
      t.after(() => sshd.start());
      return tested.open();
    },
  },
  {
    name: 'no login for a server that asks for one',
    code: 'MB386',
    says: /the server takes no credentials from here .*terminal prompts disabled/,
    command: /^git config --get-all credential\.helper$/,
    plant: async (t) => (await makeHttpsStore(t, () => ({ ca: 'GIT_SSL_CAINFO' }))).tested.open(),
  },
  {
    name: 'a token that may only read',
    code: 'MB387',
    says: /permission denied by the server .*403/,
    plant: async (t) => {
      const { tested, server } = await makeHttpsStore(t);
      server.judge = ({ isPush }) => (isPush ? 403 : undefined);
      return tested.open();
    },
  },
  {
    name: 'a certificate that nobody vouches for',
    code: 'MB378',
    says: /the certificate of the server is not trusted/,
    command: /^git config --global http\.sslCAInfo \/path\/to\/ca\.pem$/,
    plant: async (t) => (await makeHttpsStore(t, ({ password }) => ({ password }))).tested.open(),
  },
  {
    name: 'a branch that is protected',
    code: 'MB388',
    says: /the server declines it, by a hook or a rule .*main is protected/,
    plant: async (t) => {
      const { tested, repository } = await makeGitStore(t);
      const rule =
        'while read -r old new ref; do case $ref in refs/heads/main) echo main is protected >&2; exit 1;; esac; done';
      await hook(repository, 'pre-receive', rule);
      return tested.open();
    },
  },
  {
    name: 'tags that are protected',
    code: 'MB388',
    says: /the server declines it, by a hook or a rule/,
    plant: async (t) => {
      const { tested, repository } = await makeGitStore(t);
      await hook(repository, 'update', 'case $1 in refs/tags/*) exit 1;; esac');
      return tested.open();
    },
  },
  {
    name: 'a branch that somebody pushed to by force',
    code: 'MB389',
    says: /^a commit of backups that went to main can't be found .* of cart@20261123T101500Z: it was pushed by force; tags hold the backups, whole$/,
    command: /^git push file:\/\/\S+ [0-9a-f]{40}:refs\/heads\/main-before$/,
    plant: async (t) => {
      const { tested, repository } = await makeGitStore(t);
      await twoBackups(await tested.open());
      repository.git(['update-ref', 'refs/heads/main', 'main~1']);
      return tested.open();
    },
  },
  {
    name: 'a branch that somebody deleted',
    code: 'MB389',
    says: /^2 commits of backups that went to main .*: the branch is gone; tags hold the backups, whole$/,
    plant: async (t) => {
      const { tested, repository } = await makeGitStore(t);
      await twoBackups(await tested.open());
      repository.git(['update-ref', '-d', 'refs/heads/main']);
      return tested.open();
    },
  },
  {
    name: 'a repository that is not there',
    code: 'MB390',
    says: /there is no such repository/,
    plant: async (t) => {
      const { env, folder } = await makeRepository(t);
      return openStore(`git+file://${folder}.none`, undefined, { env });
    },
  },
  {
    name: 'a server whose disk is full',
    code: 'MB391',
    says: /a disk is full .*No space left on device/,
    plant: async (t) => {
      const { tested } = await makeGitStore(t);
      await tested.break('full');
      return tested.open();
    },
  },
  {
    name: 'no git',
    code: 'MB392',
    says: /there is no git program on PATH/,
    plant: async (t) => {
      const { env, folder } = await makeRepository(t);
      return openStore(`git+file://${folder}`, undefined, { env: { ...env, PATH: join(folder, 'hooks') } });
    },
  },
  {
    name: 'a git that is too old',
    code: 'MB392',
    says: /the git program is too old .*2\.20\.1/,
    plant: async (t) => {
      const { env, folder } = await makeRepository(t);
      const bin = join(dirname(folder), 'bin');
      await mkdir(bin);
      await writeFile(join(bin, 'git'), '#!/bin/sh\necho git version 2.20.1\n', { mode: 0o755 });
      await symlink('/bin/sh', join(bin, 'sh'));
      return openStore(`git+file://${folder}`, undefined, { env: { ...env, PATH: bin } });
    },
  },
  {
    name: 'a server that takes no atomic push',
    code: 'MB393',
    says: /the server takes no atomic push/,
    plant: async (t) => {
      const { tested, repository } = await makeGitStore(t);
      repository.git(['config', 'receive.advertiseAtomic', 'false']);
      return tested.open();
    },
  },
  {
    name: 'commits that are to be signed with a key that is not there',
    code: 'MB394',
    says: /git could not sign the commit or the tag/,
    command: /^git config --get-regexp gpg$/,
    plant: async (t) => {
      const { tested, repository } = await makeGitStore(t);
      const settings = { 'gpg.format': 'ssh', 'user.signingKey': '/none/key.pub', 'commit.gpgSign': 'true' };
      for (const [name, value] of Object.entries(settings))
        execFileSync('git', ['config', '--global', name, value], { env: repository.env });
      return tested.open();
    },
  },
];

async function hook({ folder }: TestRepository, name: string, script: string): Promise<void> {
  await rm(join(folder, 'hooks'), { recursive: true, force: true });
  await mkdir(join(folder, 'hooks'));
  await writeFile(join(folder, 'hooks', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

async function twoBackups(store: Store): Promise<void> {
  await writeSample(store);
  const later = { id: '20261123T101500Z', startedAt: '2026-11-23T10:15:00.123Z' };
  const document = sampleDocument({ id: later.id }, { startedAt: later.startedAt });
  const address = {
    cluster: document.cluster.name,
    namespace: document.namespace.name,
    release: document.release,
  };
  await store.save({ ...address, id: later.id }, sampleContent({ 'RUNBOOK.md': 'other\n' }, document));
}

async function withKnownHosts(
  t: TestContext,
  known: (port: number, folder: string) => string,
): Promise<Store> {
  const { tested, repository, sshd } = await makeSshStore(t, 'command');
  const folder = dirname(repository.folder);
  const file = join(folder, 'known_hosts');
  await writeFile(file, known(sshd.port, folder));
  repository.env.GIT_SSH_COMMAND = sshd.command.replace(
    /-o UserKnownHostsFile=\S+/,
    `-o UserKnownHostsFile=${file}`,
  );
  return tested.open();
}
