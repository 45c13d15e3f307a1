import { formatAge } from '../output/age.ts';
import { sizeInWords } from '../output/byte-size.ts';
import { markdownCode, markdownTable, markdownText } from '../output/markdown.ts';
import type { RunbookFacts, RunbookRelease } from './runbook-facts.ts';

/** The releases that this runbook is about, as they were when it was written. */
export function overviewPart({ releases, now, store }: RunbookFacts): string {
  const rows = releases.map((release) => [
    markdownCode(release.namespace),
    markdownCode(release.name),
    release.chart === undefined
      ? 'without Helm'
      : `${markdownText(release.chart)}, revision ${release.revision}`,
    release.workloads.map(({ name, replicas }) => `${markdownCode(name)} × ${replicas}`).join(', ') || 'none',
    settingsOf(release),
    store.isRead ? newestOf(release, now) : 'not known',
  ]);
  const headers = ['Namespace', 'Release', 'Chart', 'Workloads', 'Told to memcached', 'Newest backup'];
  return `## Releases

${markdownTable(headers, rows)}`;
}

/** What the guide calls the configuration: cache size, connection limit, slab growth. */
function settingsOf({ workloads }: RunbookRelease): string {
  const texts = workloads.flatMap(({ settings }) => {
    const [memory, connections, growth] = ['maxbytes', 'maxconns', 'growth_factor'].map((key) =>
      settings.get(key),
    );
    return [
      ...(memory === undefined
        ? []
        : [`memory ${/^\d+$/.test(memory) ? sizeInWords(Number(memory)) : memory}`]),
      ...(connections === undefined ? [] : [`connections ${connections}`]),
      ...(growth === undefined ? [] : [`growth factor ${growth}`]),
    ];
  });
  return texts.length === 0 ? 'its defaults' : markdownText([...new Set(texts)].join(', '));
}

function newestOf({ backups }: RunbookRelease, now: Date): string {
  const [newest] = backups;
  if (newest === undefined) return '**none**';
  const age = formatAge(now.getTime() - newest.at.getTime());
  const verified =
    newest.verifiedAt === undefined
      ? 'not verified'
      : `verified ${markdownText(newest.verifiedAt.slice(0, 10))}`;
  return `${markdownCode(newest.id)} (${age} old, ${verified})`;
}
