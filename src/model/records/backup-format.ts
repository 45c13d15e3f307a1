/**
 * Backup formats v1 and v2: what `backup.json` and `settings.json` hold. docs/format.md describes it for users and
 * the schemas beside this file check it; they change together.
 */

export const FORMAT_VERSION = 1;

/**
 * Of a backup that is sealed, which a reader of version 1 alone must refuse: it would miss the files that lie in the
 * archive. All else is as in version 1.
 */
export const SEALED_FORMAT_VERSION = 2;

/** Every format that is written, each of which is read as well, oldest first. */
export const FORMAT_VERSIONS = [FORMAT_VERSION, SEALED_FORMAT_VERSION] as const;

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
  /** It was asked for (`--without-secrets`), and is no gap for whoever did. */
  asked?: true;
}

/** An object of the release that a backup without Secrets does not hold, and that has to be there before a restore. */
export interface WithheldObject {
  apiVersion: string;
  kind: string;
  name: string;
  role: 'owned' | 'referenced';
  why: string;
  /** Of a Secret that could be read: its type, and the keys of its data. */
  type?: string;
  keys?: string[];
}

/** What a backup that was taken without Secrets says of them: nothing of their content, and no digest of it. */
export interface WithoutSecrets {
  /** All in the release's namespace. */
  objects: WithheldObject[];
  /** Helm's records as the cluster had them, oldest first: a restore knows them again by their uids. */
  records: { revision: number; status: string; uid: string }[];
}

export interface HelmInfo {
  driver: 'secret' | 'configmap';
  /** The newest revision in the history, and its status. */
  revision: number;
  status: string;
  chart: { name: string; version: string; appVersion?: string };
  /** Every revision held in helm/release.json.gz, oldest first; none in a backup without Secrets. */
  revisions: number[];
}

export interface Health {
  podsReady: number;
  podsWanted: number;
  /** The Helm release's status when the backup was taken; absent without Helm. */
  releaseStatus?: string;
  /** Rollouts of memcached that were under way or failing, one line each; absent: there were none. */
  unfinished?: string[];
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
  /** As memcached's arguments have it: "-m 48 -c 256"; absent where nothing told. */
  inShort?: string;
}

/** Who can open a sealed backup. */
export interface SealedRecipient {
  /** The kind of key, by the words of age's file format. */
  type: 'x25519' | 'mlkem768x25519' | 'ssh-ed25519' | 'ssh-rsa' | 'passphrase';
  /** First 8 hex digits of the sha256 of the public key's text; absent for a passphrase. */
  fingerprint?: string;
}

/** That a backup is sealed: its files lie in one archive, encrypted with age. */
export interface Sealing {
  recipients: SealedRecipient[];
  /**
   * The id of the backup that the archive was made for, where that is an earlier one: nothing but the time has changed since, so
   * that a store which keeps every change for good keeps the archive.
   */
  since?: string;
  /** Tells whoever holds the secret behind it whether a backup is the one in the archive; says nothing to others. */
  contentMark?: string;
}

export interface BackupDocument {
  formatVersion: typeof FORMAT_VERSION | typeof SEALED_FORMAT_VERSION;
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
  /** What whoever took it wanted to be read beside it (`--note`): one line. */
  note?: string;
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
  /** Only where it was taken without Secrets. */
  withoutSecrets?: WithoutSecrets;
  objects: ObjectEntry[];
  /** Those that lie in the store: of a sealed backup the archive and the runbook. */
  files: FileEntry[];
  /** In version 2, and only there. */
  sealed?: Sealing;
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
