import { objectFileName } from '../../src/backup/object-file.ts';
import type { RestoreSource, SourceObject } from '../../src/backup/source.ts';
import type { HelmRevision } from '../../src/model/helm/helm-release.ts';
import { refOf } from '../../src/model/kubernetes/object.ts';
import type { ObjectEntry, PodSettings, Role } from '../../src/model/records/backup-format.ts';
import { sampleDocument } from '../unit/store/sample-backup.ts';
import { type Fixture, NAMESPACE } from './objects.ts';

/** An object of a backup; owned by the manifest unless said otherwise. */
export function saved({ object }: Fixture, role: Role = 'owned', from = 'manifest'): SourceObject {
  const ref = refOf(object);
  const file = objectFileName(ref, NAMESPACE);
  const entry: ObjectEntry = { ...ref, role, from, raw: `raw/${file}.json` };
  return {
    entry: role === 'recorded' ? entry : { ...entry, manifest: `manifests/${file}.yaml` },
    ref,
    raw: object,
  };
}

export interface SourceOptions {
  history?: HelmRevision[];
  pods?: PodSettings[];
  drift?: string[];
}

/** A backup of the release "cart" in "shop", as a restore reads it. */
export function aSource(objects: SourceObject[], options: SourceOptions = {}): RestoreSource {
  const { history = [], pods = [], drift = [] } = options;
  const document = sampleDocument({}, { objects: objects.map(({ entry }) => entry), skipped: [] });
  return {
    document: { ...document, health: { ...document.health, drift } },
    location: '/backups/cart',
    objects: objects.filter(({ entry }) => entry.role !== 'recorded'),
    history,
    pods,
  };
}
