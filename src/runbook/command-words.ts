import { resolve } from 'node:path';
import { shellWord } from '../advice/shell-word.ts';
import type { StoreName } from '../store/advice.ts';
import { isPath } from '../store/open-store.ts';
import type { CommandWords } from './runbook-facts.ts';

/** How whoever writes a runbook reaches cluster and store. */
export interface Reached {
  /** How the user calls us, with the connection flags that were given. */
  invocation: string;
  /** The kubeconfig context's name; "in-cluster" or "" where there is none. */
  contextName: string;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** Of an S3 store in use that is not Amazon's, also where the environment alone names it. */
  s3Endpoint?: string;
  /** {@link CommandWords.again} */
  again: string;
}

/** A runbook is read by others, elsewhere and later: cluster and store are named in full. */
export function commandWords(store: StoreName, reached: Reached): CommandWords {
  const { invocation, contextName, clusterName, again } = reached;
  const isNamed = / --(?:context|server|cluster) /.test(invocation);
  const isNoContext = contextName === '' || contextName === 'in-cluster';
  const cluster = clusterName === undefined ? '' : ` --cluster-name ${shellWord(clusterName)}`;
  return {
    invocation: isNamed || isNoContext ? invocation : `${invocation} --context ${shellWord(contextName)}`,
    store: `${storeWords(store, reached)}${cluster}`,
    key: inOneLine(store.keyFlags ?? []),
    scheduleStore: scheduleStoreWords(store, reached),
    again,
  };
}

function storeWords({ location, flags }: StoreName, { s3Endpoint }: Reached): string {
  if (isPath(location)) return ` --store ${shellWord(resolve(location))}`;
  const endpoint = flags.includes('--s3-endpoint') ? '' : endpointWords(location, s3Endpoint);
  return `${inOneLine(flags)}${endpoint}`;
}

/** A folder of this machine is no store for a pod: a claim is, which an install makes where it is missing. */
function scheduleStoreWords({ location }: StoreName, { s3Endpoint }: Reached): string {
  if (!/^(?:s3|git\+(?:ssh|https)|pvc):/i.test(location)) return ' --store pvc://memcached-backups';
  return ` --store ${shellWord(location)}${endpointWords(location, s3Endpoint)}`;
}

function endpointWords(location: string, endpoint: string | undefined): string {
  return endpoint !== undefined && /^s3:/i.test(location) ? ` --s3-endpoint ${shellWord(endpoint)}` : '';
}

/** Words as they follow others: " --store s3://bucket". */
function inOneLine(words: readonly string[]): string {
  return words.map((word) => ` ${shellWord(word)}`).join('');
}
