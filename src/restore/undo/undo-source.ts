import type { RestoreSource, SourceObject } from '../../backup/source.ts';
import { keyOf } from '../../model/kubernetes/object.ts';
import type { BackupDocument } from '../../model/records/backup-format.ts';
import { FORMAT_VERSION } from '../../model/records/backup-format.ts';
import type { Journal } from '../../model/records/journal.ts';

/** What there was before a restore that found no release: nothing. */
export function emptySource(journal: Journal, toolVersion: string): RestoreSource {
  const { backup, namespace } = journal.start.plan;
  const document: BackupDocument = {
    formatVersion: FORMAT_VERSION,
    kind: 'safety',
    id: journal.start.id,
    tool: { name: 'memcached-backup', version: toolVersion },
    cluster: { name: backup.cluster, serverVersion: '', context: '' },
    namespace: { name: namespace.name, labels: {}, annotations: {} },
    release: backup.release,
    startedAt: journal.start.at,
    durationMs: 0,
    health: { podsReady: 0, podsWanted: 0, drift: [] },
    settings: { verdict: 'none', podsAnswered: 0, podsAsked: 0, differing: [] },
    complete: true,
    skipped: [],
    objects: [],
    files: [],
  };
  return { document, location: journal.location, objects: [], history: [], pods: [] };
}

/**
 * The state before a restore, with what the restore was to write and the safety backup lacks: that holds what
 * belonged to the release, while a restore replaces whatever it finds under a name that its backup has (a
 * Service whose selector no longer matched, or whose workload was gone). The journal has its pre-image.
 */
export function withPreImages(source: RestoreSource, { start }: Journal): RestoreSource {
  const saved = new Set(source.objects.map(({ ref }) => keyOf(ref)));
  const lacking = start.preImages.flatMap(({ ref, object }): SourceObject[] => {
    if (object === null || saved.has(keyOf(ref))) return [];
    return [{ ref, raw: object, entry: { ...ref, role: 'owned', from: 'journal', raw: '' } }];
  });
  const objects = [...source.document.objects, ...lacking.map(({ entry }) => entry)];
  return { ...source, document: { ...source.document, objects }, objects: [...source.objects, ...lacking] };
}
