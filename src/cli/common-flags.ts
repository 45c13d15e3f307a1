import type { OutputFormat } from '../session/context.ts';
import { DEFAULT_STORE } from '../store/advice.ts';
import { isFolderName } from '../store/layout.ts';
import type { Flag } from './flag.ts';
import type { FlagValues } from './flag-values.ts';

const OUTPUT_FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const satisfies readonly OutputFormat[];

/** On every command. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  { name: 'help', short: 'h', type: 'boolean', describe: 'Show this help' },
  {
    name: 'debug',
    type: 'boolean',
    describe: 'Show the connection asked for, and the stack of an unexpected error',
  },
  { name: 'version', type: 'boolean', describe: 'Show the version', hidden: true },
];

export const STORE: Flag = {
  name: 'store',
  type: 'string',
  describe: 'Where backups live (default: MEMCACHED_BACKUP_STORE, else ./memcached-backups)',
};

/** Not --cluster: that is kubectl's word for a cluster of the kubeconfig. */
export const CLUSTER_NAME: Flag = {
  name: 'cluster-name',
  type: 'string',
  describe: "The cluster's folder in the store (default: named after the cluster's uid)",
  takes: {
    isValid: isFolderName,
    expected: 'the name of a folder: letters, digits, "-", "_" and ".", with a letter or digit at both ends',
  },
};

export const INTO: Flag = {
  name: 'into',
  type: 'string',
  neverEmpty: true,
  describe: 'Restore into this namespace instead; it is created where it is missing, the original stays',
};

export const ALL_NAMESPACES: Flag = {
  name: 'all-namespaces',
  short: 'A',
  type: 'boolean',
  describe: 'Every namespace; wins over -n',
};

export const NO_HEADERS: Flag = {
  name: 'no-headers',
  type: 'boolean',
  describe: 'Leave out the line with the names of the columns',
};

export const OUTPUT: Flag = {
  name: 'output',
  short: 'o',
  type: 'string',
  choices: OUTPUT_FORMATS,
  describe: `Output format: ${OUTPUT_FORMATS.slice(1).join(', ')} (default: a table)`,
};

export function outputFormat(values: FlagValues): OutputFormat {
  return values.choice('output', OUTPUT_FORMATS, 'table');
}

/** `--store`, else what the environment names, else a folder beside where the user stands. */
export function storeLocation(values: FlagValues, env: NodeJS.ProcessEnv): string {
  return values.text('store') ?? (env.MEMCACHED_BACKUP_STORE || DEFAULT_STORE);
}
