import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { GitFailure } from '../../../../src/store/git/git-failure.ts';
import { gitEnvironment, runGit } from '../../../../src/store/git/git-program.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('a deadline ends git, although the ssh that it started holds its output open', async (t) => {
  const ssh = join(await temporaryFolder(t), 'ssh');
  await writeFile(ssh, '#!/bin/sh\nexec sleep 8\n');
  await chmod(ssh, 0o700);
  const env = gitEnvironment({ ...process.env, GIT_SSH_COMMAND: ssh }, false);
  const began = performance.now();
  await assert.rejects(
    runGit(['ls-remote', 'ssh://git@127.0.0.1/x.git'], { env, deadlineMs: 500 }),
    (error) => error instanceof GitFailure && error.trouble === 'silent',
  );
  assert.ok(performance.now() - began < 5000, `${performance.now() - began} ms`);
});
