import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectCode, type Outcome, run } from '../e2e/support/process.ts';
import { program } from './programs.ts';

/** A Helm with folders of its own, and no plugin. */
export interface FreshHelm {
  /** Its program. */
  program: string;
  env: NodeJS.ProcessEnv;
  /** `helm ARGS…` with more environment; any exit code. */
  run(args: string[], env?: NodeJS.ProcessEnv): Promise<Outcome>;
  /** What our plugin says of its version. */
  version(): Promise<string>;
  /** The folder of its plugins, and what lies in there. */
  plugins: string;
  installed(): string[];
}

/** @param home where its folders are made. @param releases where our plugin gets its binary. */
export async function freshHelm(name: 'helm3' | 'helm4', home: string, releases: string): Promise<FreshHelm> {
  const helm = await program(name);
  const folder = mkdtempSync(join(home, `${name}-`));
  const own = {
    PATH: process.env.PATH,
    HOME: join(folder, 'home'),
    HELM_DATA_HOME: join(folder, 'data'),
    HELM_CONFIG_HOME: join(folder, 'config'),
    HELM_CACHE_HOME: join(folder, 'cache'),
    MEMCACHED_BACKUP_RELEASES: releases,
  };
  const plugins = join(folder, 'data/plugins');
  const runIt: FreshHelm['run'] = (args, env = {}) => run(helm, args, { env: { ...own, ...env } });
  return {
    program: helm,
    env: own,
    run: runIt,
    version: async () => expectCode(await runIt(['memcached-backup', '--version'])).stdout,
    plugins,
    installed: () => (existsSync(plugins) ? readdirSync(plugins) : []),
  };
}
