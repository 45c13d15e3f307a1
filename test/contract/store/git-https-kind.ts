import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import type { TestContext } from 'node:test';
import { type GitHttps, startGitHttps } from '../../support/git-https.ts';
import { makeRepository, type TestRepository, testedStore } from './git-kind.ts';
import type { TestedStore } from './kind.ts';

/** What git is told; each may be left out, to see what it says then. */
export interface HttpsUse {
  /** How the CA is named; absent: it is not. */
  ca?: 'GIT_SSL_CAINFO' | 'http.sslCAInfo' | undefined;
  /** What the credential helper gives as the password; absent: there is no helper. */
  password?: string | undefined;
}

/** A store in a repository behind git's http-backend. @param use with the server's own password where absent. */
export async function makeHttpsStore(
  t: TestContext,
  use?: (server: GitHttps) => HttpsUse,
): Promise<{ tested: TestedStore; repository: TestRepository; location: string; server: GitHttps }> {
  const repository = await makeRepository(t);
  const server = await startGitHttps(t, dirname(repository.folder));
  const { ca, password } = use?.(server) ?? { ca: 'GIT_SSL_CAINFO', password: server.password };
  const configure = (name: string, value: string): void =>
    void execFileSync('git', ['config', '--global', name, value], { env: repository.env });
  // This machine's own goes before the configuration.
  delete repository.env.GIT_SSL_CAINFO;
  if (ca === 'GIT_SSL_CAINFO') repository.env.GIT_SSL_CAINFO = server.ca;
  if (ca === 'http.sslCAInfo') configure('http.sslCAInfo', server.ca);
  if (password !== undefined)
    configure('credential.helper', `!f() { echo username=${server.user}; echo password=${password}; }; f`);
  // Nobody is asked.
  repository.env.GIT_ASKPASS = '';
  const location = `git+https://127.0.0.1:${server.port}/repository.git?path=clusters`;
  return { tested: testedStore(repository, location), repository, location, server };
}
