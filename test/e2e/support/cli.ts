import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { JsonObject } from '../../../src/model/json.ts';
import type { TestCluster } from '../../cluster/cluster.ts';
import { expectCode, type Outcome, type RunOptions, run } from './process.ts';
import { assertNoSecret } from './secret-scan.ts';

export const REPOSITORY = join(import.meta.dirname, '../../..');
export const DIST = join(REPOSITORY, 'dist');
/** E2E_BINARY names another build to test. */
export const BINARY = process.env.E2E_BINARY ?? join(DIST, 'kubectl-memcached_backup');

export interface CliOptions {
  namespace: string;
  /** Values that no output may show; every run is checked for them. */
  secrets?: string[];
  kubeconfig?: string;
}

/**
 * The built tool with a store and a home folder of its own. Every output of every run is scanned for the
 * release's secrets, so each end-to-end test is also a test that nothing leaks.
 */
export interface Cli extends Disposable {
  store: string;
  /** The tool as it is, with `-n NAMESPACE`; any exit code. */
  run(...args: string[]): Promise<Outcome>;
  /** Standard output. @throws Error describing the run where the exit code is not 0. */
  ok(...args: string[]): Promise<string>;
  /** `… -o json`, parsed, of a run that has to end with `code`. */
  json(args: string[], code?: number): Promise<JsonObject>;
  /** `kubectl memcached-backup …` with the build on PATH. */
  viaKubectl(...args: string[]): Promise<Outcome>;
}

export function cliFor(cluster: TestCluster, options: CliOptions): Cli {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-e2e-'));
  const store = join(folder, 'store');
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: folder,
    KUBECONFIG: options.kubeconfig ?? cluster.kubeconfig,
    MEMCACHED_BACKUP_STORE: store,
    PATH: `${DIST}${delimiter}${process.env.PATH}`,
  };
  const scanned = async (file: string, args: string[], runOptions: RunOptions): Promise<Outcome> => {
    const outcome = await run(file, args, runOptions);
    assertNoSecret(`\`${outcome.command}\``, `${outcome.stdout}\n${outcome.stderr}`, options.secrets ?? []);
    return outcome;
  };
  const direct = (args: string[]) => scanned(BINARY, [...args, '-n', options.namespace], { env });
  return {
    store,
    run: (...args) => direct(args),
    ok: async (...args) => expectCode(await direct(args)).stdout,
    json: async (args, code = 0) =>
      JSON.parse(expectCode(await direct([...args, '-o', 'json']), code).stdout) as JsonObject,
    viaKubectl: (...args) =>
      scanned(cluster.kubectl, ['memcached-backup', ...args, '-n', options.namespace], { env }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
