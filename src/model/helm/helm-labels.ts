import { stringAt } from '../json/json.ts';
import { displayName, type KubeObject, labelsOf, refOf } from '../kubernetes/object.ts';
import type { HelmRevision } from './helm-release.ts';

/**
 * The labels by which Helm finds a revision's record; it looks at nothing else
 * (helm.sh/helm/v3/pkg/storage/driver/secrets.go, newSecretsObject; cfgmaps.go and Helm 4 likewise).
 */
export function helmLabels({ name, revision, status }: HelmRevision): Record<string, string> {
  return { name, owner: 'helm', status, version: String(revision) };
}

/** The names of those that a record lacks, or has otherwise. */
export function wrongLabels(revision: HelmRevision): string[] {
  const labels = labelsOf(revision.record);
  return Object.entries(helmLabels(revision))
    .filter(([name, value]) => labels[name] !== value)
    .map(([name]) => name);
}

/** "secret/sh.helm.release.v1.mc.v1: labels owner, name; Helm does not find it". */
export function labelsInWords(revision: HelmRevision): string {
  const wrong = wrongLabels(revision).join(', ');
  return `${displayName(refOf(revision.record))}: labels ${wrong}; Helm does not find it`;
}

/** The record with them; also with the moment of its creation, which Helm writes too. Others stay. */
export function labelledRecord(revision: HelmRevision): KubeObject {
  const { record } = revision;
  const labels = labelsOf(record);
  const created = Date.parse(stringAt(record, 'metadata', 'creationTimestamp') ?? '');
  const isDated = 'createdAt' in labels || 'modifiedAt' in labels || Number.isNaN(created);
  const dated = isDated ? {} : { createdAt: String(Math.floor(created / 1000)) };
  const metadata = {
    ...(record.metadata as KubeObject),
    labels: { ...labels, ...dated, ...helmLabels(revision) },
  };
  return { ...record, metadata };
}
