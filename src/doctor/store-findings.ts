import type { Area, Finding } from '../model/findings/finding.ts';
import type { CommandContext } from '../session/context.ts';
import { currentScope } from '../session/current-scope.ts';
import type { ListedBackup } from '../store/store.ts';
import { finding } from './catalogue.ts';
import { examineStore } from './storage/examine-store.ts';

export interface StoreOptions {
  releases: readonly string[];
  allNamespaces: boolean;
  areas: readonly Area[];
  clusterName?: string;
}

/**
 * What can be said of the store where the cluster gives no answer: whoever is about to restore must know what there
 * is to restore from. Nothing where the area storage is not wanted.
 */
export async function findingsOfStore(options: StoreOptions, context: CommandContext): Promise<Finding[]> {
  if (options.areas.length > 0 && !options.areas.includes('storage')) return [];
  const store = await context.store();
  const namespace = options.allNamespaces ? undefined : await currentScope(context).namespace();
  const backups = async (): Promise<ListedBackup[]> => {
    const listed = await store.list(namespace === undefined ? {} : { namespace });
    if (options.releases.length === 0) return listed;
    return listed.filter(({ address }) => options.releases.includes(address.release));
  };
  const { findings, said } = await examineStore({
    store,
    backups,
    releases: undefined,
    cluster: options.clusterName === undefined ? undefined : { name: options.clusterName },
    now: context.now(),
  });
  const isClean = !findings.some(({ severity }) => severity === 'fail' || severity === 'warn');
  return isClean ? [...findings, finding('MB300', said)] : findings;
}
