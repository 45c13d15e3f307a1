import { isWorkload } from '../kubernetes/workload.ts';
import type { BackupDocument, Health, HelmInfo, Sealing, SettingsVerdict, Skipped } from './backup-format.ts';

/**
 * What a listing says of a backup, without the objects and files of its document: all that `list` prints and that the
 * choice of a backup takes. A store keeps it where it is read quickly, and believes it for a listing alone.
 */
export interface BackupSummary
  extends Pick<BackupDocument, 'kind' | 'startedAt' | 'durationMs' | 'complete' | 'note'> {
  skipped: Skipped[];
  helm?: HelmInfo;
  health: Health;
  settings: SettingsVerdict;
  /** How many are recorded. */
  objects: number;
  /** Of all its files but backup.json. */
  bytes: number;
  toolVersion: string;
  cluster: Pick<BackupDocument['cluster'], 'uid' | 'caDigest'>;
  /** It holds neither a workload of the release nor a pod of memcached. */
  hollow: boolean;
  /** Who can open it; absent where it is not sealed. */
  sealed?: Sealing;
}

export function summaryOf(document: BackupDocument): BackupSummary {
  const { kind, startedAt, durationMs, complete, note, skipped, helm, health, settings, objects, sealed } =
    document;
  const { uid, caDigest } = document.cluster;
  return {
    kind,
    startedAt,
    durationMs,
    complete,
    ...(note === undefined ? {} : { note }),
    skipped,
    ...(helm === undefined ? {} : { helm }),
    health,
    settings,
    objects: objects.length,
    bytes: document.files.reduce((sum, { size }) => sum + size, 0),
    toolVersion: document.tool.version,
    cluster: { ...(uid === undefined ? {} : { uid }), ...(caDigest === undefined ? {} : { caDigest }) },
    hollow:
      health.podsWanted === 0 &&
      settings.podsAsked === 0 &&
      !objects.some((object) => object.role === 'owned' && isWorkload(object)),
    ...(sealed === undefined ? {} : { sealed: { recipients: sealed.recipients } }),
  };
}
