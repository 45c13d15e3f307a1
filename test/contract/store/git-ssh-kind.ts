import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Sshd, sshdObstacle, startSshd } from '../../support/sshd.ts';
import { makeRepository, type TestRepository, testedStore } from './git-kind.ts';
import type { StoreKind, TestedStore } from './kind.ts';

/** Only every sixth place of a cut is tried over ssh: the contract over file tries all of them. */
const STRIDE = 6;

let server: Promise<Sshd> | undefined;

export async function stopSshd(): Promise<void> {
  await (await server)?.end();
}

/**
 * A store in a repository behind a real sshd: one for all tests of a file.
 * @param command of git's ssh; over one connection where absent.
 */
export async function makeSshStore(
  t: TestContext,
  command: 'command' | 'quickCommand' = 'quickCommand',
): Promise<{ tested: TestedStore; repository: TestRepository; location: string; sshd: Sshd }> {
  server ??= startSshd();
  const sshd = await server;
  const repository = await makeRepository(t);
  repository.env.GIT_SSH_COMMAND = sshd[command];
  const location = `git+ssh://${sshd.user}@127.0.0.1:${sshd.port}${repository.folder}?path=clusters`;
  const tested = testedStore(repository, location);
  return {
    sshd,
    repository,
    location,
    tested: {
      ...tested,
      cut: (work, step) => tested.cut(work, 1 + (step - 1) * STRIDE),
      break: async (fault) => {
        if (fault !== 'gone' && fault !== 'read-only' && fault !== 'refused half way')
          return tested.break(fault);
        // Who is logged in already would not notice.
        repository.env.GIT_SSH_COMMAND = sshd.command;
        if (fault === 'gone') await sshd.stop();
        else sshd.allow(forced(repository, sshd, fault));
        return async () => {
          repository.env.GIT_SSH_COMMAND = sshd[command];
          if (fault === 'gone') await sshd.start();
          else sshd.allow();
        };
      },
    },
  };
}

/** What a key may do: read, as a deploy key without write access; or read until it writes, and nothing more then. */
function forced({ folder }: TestRepository, sshd: Sshd, fault: 'read-only' | 'refused half way'): string {
  const path = join(folder, '..', 'forced-command');
  const refusal =
    fault === 'read-only'
      ? 'echo "ERROR: The key you are authenticating with has been marked as read only." >&2'
      : `: >${sshd.authorizedKeys}`;
  writeFileSync(
    path,
    `#!/bin/sh\ncase $SSH_ORIGINAL_COMMAND in\ngit-upload-pack*) eval "exec $SSH_ORIGINAL_COMMAND";;\n*) ${refusal}; exit 1;;\nesac\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

export const GIT_OVER_SSH: StoreKind = {
  name: 'git over ssh',
  obstacle: sshdObstacle(),
  isOtherWay: true,
  make: async (t) => (await makeSshStore(t)).tested,
};
