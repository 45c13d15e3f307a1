import { markdownCode, markdownTable, markdownText } from '../output/markdown.ts';
import type { RunbookFacts } from './runbook-facts.ts';

/** Where backups lie, and what it takes to reach and open them. */
export function storesPart({ store, schedules, releases, cluster }: RunbookFacts): string {
  const count = releases.reduce((sum, { backups }) => sum + backups.length, 0);
  const held = store.isRead
    ? `${count} good backups of these releases`
    : 'could not be read when this was written';
  const scheduled = (schedules ?? []).map(({ namespace, cronJob, store: own }) => [
    own === undefined ? 'only its pod can tell' : markdownCode(own.location),
    `schedule ${markdownCode(`${namespace}/${cronJob}`)}`,
    '',
  ]);
  const rows = [[markdownCode(store.location), 'the commands below', held], ...scheduled];
  const folder =
    cluster.name === undefined
      ? ''
      : `\nIn a store, this cluster's backups lie in the folder ${markdownCode(cluster.name)}. In a new cluster, name it: ${markdownCode(`--cluster-name ${cluster.name}`)}.\n`;
  return `## Stores

${markdownTable(['Store', 'Used by', 'Holds'], rows)}${elsewhere(store, schedules)}${folder}
${access(store.location)}${keys({ releases, store })}`;
}

/** Commands that name a store which is not there help nobody. */
function elsewhere(store: RunbookFacts['store'], schedules: RunbookFacts['schedules']): string {
  const [scheduled] = (schedules ?? []).flatMap(({ store: own }) => own ?? []);
  if (store.isRead || scheduled === undefined || scheduled.location === store.location) return '';
  return `\n**The store that the commands below name could not be read, and a schedule saves to another one.** Write this page again with ${markdownCode(`--store ${scheduled.location}`)}.\n`;
}

function access(location: string): string {
  if (/^s3:/i.test(location))
    return 'Whoever runs the commands needs credentials for it where the AWS CLI finds them (environment, profile, role).\n';
  if (/^git\+/i.test(location))
    return 'Whoever runs the commands needs a git that may read the repository, and for backups write to it.\n';
  if (/^pvc:/i.test(location))
    return 'It lies in the cluster: a pod reaches it, and where the cluster is gone, so is it.\n';
  return 'It is a folder of the machine that this was written on.\n';
}

function keys({ releases, store }: Pick<RunbookFacts, 'releases' | 'store'>): string {
  const sealed = new Set(releases.flatMap(({ backups }) => backups[0]?.sealedTo ?? []));
  if (sealed.size === 0) return '';
  const named = [...sealed].map(markdownText).join(', ');
  return `\nBackups are sealed to ${named}. ${store.keyFiles ? 'The commands below name the file with the key, which has to be there.' : `To open one, name the file with its private key: ${markdownCode('--identity FILE')}, or MEMCACHED_BACKUP_IDENTITY_FILE.`}\n`;
}
