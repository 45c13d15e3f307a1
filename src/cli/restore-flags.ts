import { UsageError } from '../errors/tool-error.ts';
import type { RestoreOptions } from '../restore/restore-session.ts';
import { YES } from './common-flags.ts';
import { parseDuration } from './duration.ts';
import type { Flag } from './flag.ts';
import type { FlagValues } from './flag-values.ts';
import { PACE_FLAGS, paceOptions } from './pace-flags.ts';

const ON_FAILURE = ['auto', 'undo', 'keep'] as const;
const DRY_RUN = ['none', 'client', 'server'] as const;

/** How a backup is put back, whichever it is. */
export const RESTORE_FLAGS: readonly Flag[] = [
  YES,
  {
    name: 'dry-run',
    type: 'string',
    value: 'MODE',
    choices: DRY_RUN,
    bare: 'server',
    neverEmpty: true,
    describe: 'Only show the plan; =client does not ask the server',
  },
  {
    name: 'timeout',
    type: 'string',
    value: 'DURATION',
    describe: 'Time for the pods to become ready (default: 5m)',
  },
  {
    name: 'on-failure',
    type: 'string',
    value: 'WHAT',
    choices: ON_FAILURE,
    describe: 'auto (undo a failed write; the default), undo, keep',
  },
  {
    name: 'whole-release',
    type: 'boolean',
    describe: 'Also a release that holds other workloads',
  },
  {
    name: 'force',
    type: 'boolean',
    describe: 'Also what Argo CD, Flux, an operator or Helm holds',
  },
  {
    name: 'recreate',
    type: 'boolean',
    describe: 'Also make a Service anew, which may lose its address',
  },
  {
    name: 'new-addresses',
    type: 'boolean',
    describe: 'Give Services that are made new addresses and ports',
  },
  {
    name: 'skip-kind',
    type: 'list',
    value: 'KIND',
    neverEmpty: true,
    describe: 'Leave out an unserved kind (repeatable; exit code 5)',
  },
  {
    name: 'include-referenced',
    type: 'boolean',
    describe: 'Also replace Secrets and ConfigMaps it refers to',
  },
  {
    name: 'restart',
    type: 'boolean',
    describe: 'Restart pods one by one that else stay (OnDelete)',
  },
  {
    name: 'without-restart',
    type: 'boolean',
    describe: 'End no pod; set what memcached can change as it runs',
  },
  ...PACE_FLAGS,
];

/** What {@link RESTORE_FLAGS} and the environment say. */
export function restoreOptions(
  values: FlagValues,
  env: NodeJS.ProcessEnv,
): Omit<RestoreOptions, 'selector' | 'output'> {
  const clusterName = values.text('cluster-name');
  const withoutRestart = values.isSet('without-restart');
  const against = ['restart', 'paced', 'recreate'].find((name) => values.isSet(name));
  if (withoutRestart && against !== undefined)
    throw new UsageError(`--without-restart ends no pod, and --${against} does`);
  const helmDriver = env.HELM_DRIVER;
  return {
    yes: values.isSet('yes'),
    dryRun: values.choice('dry-run', DRY_RUN, 'none'),
    timeoutMs: parseDuration(values.text('timeout') ?? '5m', 'timeout'),
    onFailure: values.choice('on-failure', ON_FAILURE, 'auto'),
    wholeRelease: values.isSet('whole-release'),
    force: values.isSet('force'),
    recreate: values.isSet('recreate'),
    includeReferenced: values.isSet('include-referenced'),
    restart: values.isSet('restart'),
    skipKinds: values.list('skip-kind'),
    newAddresses: values.isSet('new-addresses'),
    ...(withoutRestart ? { withoutRestart } : {}),
    ...paceOptions(values),
    ...(clusterName === undefined ? {} : { clusterName }),
    ...(helmDriver === undefined ? {} : { helmDriver }),
  };
}
