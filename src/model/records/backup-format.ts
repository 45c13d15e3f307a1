/**
 * Backup format v1: what `backup.json` and `settings.json` hold. docs/format.md describes it for users and
 * src/model/records/backup-v1.schema.json checks it; the three change together.
 */

export const FORMAT_VERSION = 1;

/** "safety" backups are taken by `restore` before its first write; `latest` passes over them. */
export type BackupKind = 'backup' | 'safety';

/** One file of a backup. `path` is relative to the backup's folder and uses "/" everywhere. */
export interface FileEntry {
  path: string;
  /** Bytes. */
  size: number;
  /** Lower-case hex. */
  sha256: string;
}

/**
 * Where an object belongs: "owned" by the release, "referenced" by what it owns, or "recorded" for the
 * reader only (never written by a restore).
 */
export type Role = 'owned' | 'referenced' | 'recorded';

export interface ObjectEntry {
  apiVersion: string;
  kind: string;
  name: string;
  /** Absent for cluster-wide kinds. */
  namespace?: string;
  role: Role;
  /** Why it is here: "manifest", "hook", or the place that names it ("deployment.apps/x env"). */
  from: string;
  /** raw/….json */
  raw: string;
  /** manifests/….yaml; absent for recorded objects. */
  manifest?: string;
}

export interface Skipped {
  /** What was not saved: an object ("secret/x") or a kind ("secrets"). */
  what: string;
  why: string;
  /** The permission that was missing, where that is the reason. */
  permission?: { verb: string; group: string; resource: string; namespace?: string };
}

export interface HelmInfo {
  driver: 'secret' | 'configmap';
  /** The newest revision in the history, and its status. */
  revision: number;
  status: string;
  chart: { name: string; version: string; appVersion?: string };
  /** Every revision held in helm/release.json.gz, oldest first. */
  revisions: number[];
}

export interface Health {
  podsReady: number;
  podsWanted: number;
  /** The Helm release's status when the backup was taken; absent without Helm. */
  releaseStatus?: string;
  /** Owned objects that differed from the release's manifest, one line each; empty: no drift. */
  drift: string[];
}

/** What the pods' `stats settings` said, in one word, and which settings the pods disagree on. */
export interface SettingsVerdict {
  /** "agree": every pod answered alike. "differ": see `differing`. "none": there was no pod to ask. */
  verdict: 'agree' | 'differ' | 'partial' | 'unreachable' | 'none';
  podsAnswered: number;
  podsAsked: number;
  /** Setting names on which pods disagree. */
  differing: string[];
}

export interface BackupDocument {
  formatVersion: typeof FORMAT_VERSION;
  kind: BackupKind;
  id: string;
  tool: { name: 'memcached-backup'; version: string };
  cluster: {
    /** The folder's name in the store. */
    name: string;
    /** uid of the kube-system namespace; absent where it could not be read. */
    uid?: string;
    /** sha256 of the CA certificate in the kubeconfig, lower-case hex; absent without one. */
    caDigest?: string;
    /** gitVersion of the API server: "v1.34.4". */
    serverVersion: string;
    /** Name of the kubeconfig context in use, for the reader. */
    context: string;
  };
  namespace: { name: string; labels: Record<string, string>; annotations: Record<string, string> };
  release: string;
  helm?: HelmInfo;
  /** RFC 3339, UTC. */
  startedAt: string;
  /** Milliseconds from the first request to the last file written before backup.json. */
  durationMs: number;
  health: Health;
  settings: SettingsVerdict;
  /** False where an object could not be read: `skipped` says which. Unanswering pods do not count. */
  complete: boolean;
  skipped: Skipped[];
  objects: ObjectEntry[];
  files: FileEntry[];
}

/**
 * verified.json: what the last `verify` that found nothing wrong has looked at. It is no part of the backup,
 * so it carries a digest of its own.
 */
export interface VerificationDocument {
  formatVersion: typeof FORMAT_VERSION;
  /** sha256 of the backup.json that it speaks of: one that was copied from another backup says nothing. */
  backup: string;
  /** RFC 3339, UTC. */
  at: string;
  tool: { name: 'memcached-backup'; version: string };
  /** The checks that passed, by the names that `verify` prints. */
  passed: string[];
  /** What could not be checked. */
  unchecked: { check: string; what: string; why: string }[];
  /** sha256 of this document without this field, as JSON.stringify writes it. */
  digest: string;
}

/** settings.json: what each memcached pod was started with and what it says of itself. */
export interface SettingsDocument {
  pods: PodSettings[];
}

export interface PodSettings {
  name: string;
  /** The workload it belongs to: "deployment.apps/my-memcached". */
  workload: string;
  /** Whether the pod was made from the workload's template as it is now. */
  current: boolean;
  container: string;
  image: string;
  /** status.containerStatuses[].imageID, where known. */
  imageID?: string;
  command: string[];
  args: string[];
  /** Plain values; where a value comes from elsewhere, the reference instead ("secret/x key y"). */
  env: { name: string; value?: string; from?: string }[];
  ready: boolean;
  /** `version` as the server answers it ("1.6.39"); absent where the pod did not answer. */
  version?: string;
  /** `stats settings`, name to value as sent; absent where the pod did not answer. */
  stats?: Record<string, string>;
  /** Why there are no `stats`. */
  error?: string;
}
