import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../../src/model/json/json.ts';
import type { TestCluster } from '../../cluster/cluster.ts';
import { assertOfItsKind } from '../../support/documented-output.ts';
import { contextToGive, withoutGivenContext } from './given-context.ts';
import { expectCode, type Outcome, run } from './process.ts';
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
 * release's secrets, so each end-to-end test is also a test that nothing leaks; and every run is given the context by flag, so that
 * each is also a test that what is advised goes to the cluster that was meant.
 */
export interface Cli extends Disposable {
  store: string;
  /** What the tool is run with, for running it in other ways. */
  env: NodeJS.ProcessEnv;
  /** The tool as it is, with `-n NAMESPACE`; any exit code. */
  run(...args: string[]): Promise<Outcome>;
  /** Standard output. @throws Error describing the run where the exit code is not 0. */
  ok(...args: string[]): Promise<string>;
  /** `… -o json`, parsed and held to its schema, of a run that has to end with `code`. */
  json(args: string[], code?: number): Promise<JsonObject>;
}

export function cliFor(cluster: TestCluster, options: CliOptions): Cli {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-e2e-'));
  const store = join(folder, 'store');
  const { XDG_STATE_HOME: _own, ...environment } = process.env;
  const env: NodeJS.ProcessEnv = {
    ...environment,
    HOME: folder,
    KUBECONFIG: options.kubeconfig ?? cluster.kubeconfig,
    MEMCACHED_BACKUP_STORE: store,
  };
  const invoke = async (args: string[]): Promise<Outcome> => {
    const context = contextToGive(args, env.KUBECONFIG);
    const given = context === '' ? [] : ['--context', context];
    const printed = await run(BINARY, [...args, '-n', options.namespace, ...given], { env });
    const outcome = withoutGivenContext(printed, context);
    assertNoSecret(`\`${outcome.command}\``, `${outcome.stdout}\n${outcome.stderr}`, options.secrets ?? []);
    return outcome;
  };
  return {
    store,
    env,
    run: (...args) => invoke(args),
    ok: async (...args) => expectCode(await invoke(args)).stdout,
    json: async (args, code = 0) => {
      const { stdout } = expectCode(await invoke([...args, '-o', 'json']), code);
      return assertOfItsKind(JSON.parse(stdout) as JsonObject);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
