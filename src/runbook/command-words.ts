import { resolve } from 'node:path';
import { TOOL } from '../advice/command.ts';
import type { Spelling } from '../advice/spell.ts';
import type { StoreName } from '../store/advice.ts';
import { isPath } from '../store/open-store.ts';
import type { CommandWords } from './runbook-facts.ts';

/** How whoever writes a runbook reaches cluster and store. */
export interface Reached {
  /** With the connection flags that were given. */
  spelling: Spelling;
  /** The kubeconfig context's name; "in-cluster" or "" where there is none. */
  contextName: string;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** Of an S3 store in use that is not Amazon's, also where the environment alone names it. */
  s3Endpoint?: string;
  /** {@link CommandWords.again} */
  again: readonly string[];
}

/** A runbook is read by others, elsewhere and later: cluster and store are named in full. */
export function commandWords(store: StoreName, reached: Reached): CommandWords {
  const { clusterName, again } = reached;
  const cluster = clusterName === undefined ? [] : ['--cluster-name', clusterName];
  return {
    spelling: namingTheCluster(reached),
    store: [...storeWords(store, reached), ...cluster],
    key: store.keyFlags ?? [],
    scheduleStore: scheduleStoreWords(store, reached),
    again,
  };
}

/** The current context is another one tomorrow. */
function namingTheCluster({ spelling, contextName }: Reached): Spelling {
  const { tool, flags } = spelling;
  const isNamed = ['--context', '--server', '--cluster'].some((flag) => flags.kubectl.includes(flag));
  if (isNamed || contextName === '' || contextName === 'in-cluster') return spelling;
  return {
    tool,
    flags: {
      kubectl: [...flags.kubectl, '--context', contextName],
      helm: [...flags.helm, '--kube-context', contextName],
      [TOOL]: [...flags[TOOL], '--context', contextName],
    },
  };
}

function storeWords({ location, flags }: StoreName, { s3Endpoint }: Reached): string[] {
  if (isPath(location)) return ['--store', resolve(location)];
  return [...flags, ...(flags.includes('--s3-endpoint') ? [] : endpointWords(location, s3Endpoint))];
}

/** A folder of this machine is no store for a pod: a claim is, which an install makes where it is missing. */
function scheduleStoreWords({ location }: StoreName, { s3Endpoint }: Reached): string[] {
  if (!/^(?:s3|git\+(?:ssh|https)|pvc):/i.test(location)) return ['--store', 'pvc://memcached-backups'];
  return ['--store', location, ...endpointWords(location, s3Endpoint)];
}

function endpointWords(location: string, endpoint: string | undefined): string[] {
  return endpoint !== undefined && /^s3:/i.test(location) ? ['--s3-endpoint', endpoint] : [];
}
