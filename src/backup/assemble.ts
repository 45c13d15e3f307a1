import { advice } from '../advice/advice.ts';
import { helm } from '../advice/command.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import { clean } from '../model/forms/clean.ts';
import { gzip } from '../model/helm/gzip.ts';
import { rebuildChart } from '../model/helm/helm-chart.ts';
import { labelledRecord } from '../model/helm/helm-labels.ts';
import { effectiveRevision, type HelmRevision, newestRevision } from '../model/helm/helm-release.ts';
import { objectAt, stringAt } from '../model/json/json.ts';
import { MAX_SAVED_RECORDS } from '../model/json/limits.ts';
import { toYaml } from '../model/json/yaml.ts';
import {
  annotationsOf,
  displayName,
  keyOf,
  labelsOf,
  nameOf,
  type ObjectRef,
} from '../model/kubernetes/object.ts';
import {
  type BackupDocument,
  type BackupKind,
  FORMAT_VERSION,
  type HelmInfo,
  type ObjectEntry,
  type PodSettings,
  type SettingsDocument,
  type Skipped,
} from '../model/records/backup-format.ts';
import type { ClassifiedObject } from '../model/release/release-objects.ts';
import { settingsVerdict } from '../model/settings/settings.ts';
import { sizeInWords } from '../output/byte-size.ts';
import { beingDeleted } from './being-deleted.ts';
import type { Collected } from './collect.ts';
import { healthOf } from './health.ts';
import { hideTexts, leaveSecretsOut } from './leave-secrets-out.ts';
import { objectFileName } from './object-file.ts';
import { runbook } from './runbook.ts';

/** A file of the backup to be. */
export interface PlannedFile {
  path: string;
  content: string | Buffer;
}

export interface AssembleOptions {
  kind: BackupKind;
  id: string;
  clusterName: string;
  toolVersion: string;
  pods: PodSettings[];
  startedAt: Date;
  finishedAt: Date;
  /** Nothing that a Secret holds may be in it. */
  withoutSecrets?: boolean;
  note?: string;
  /** What {@link layOut} made of it already; for a backup with its Secrets alone. */
  laidOut?: LaidOut;
}

/** The part of a backup that its pods have no say in. */
export interface LaidOut {
  files: PlannedFile[];
  objects: ObjectEntry[];
  /** Files of the chart that can't be in it. */
  unsafe: string[];
}

/**
 * Turns what was collected into the files of format v1 and the document that describes them, but for
 * `files`, which the store's writer knows best. Pure: the same input gives the same bytes.
 */
export function assemble(
  collected: Collected,
  options: AssembleOptions,
): { files: PlannedFile[]; document: BackupDocument } {
  const { live } = collected;
  const all = [...live.classified, ...namespaceAsRecorded(live)];
  const left = options.withoutSecrets === true ? leaveSecretsOut(live, all, options.pods) : undefined;
  const saved = left?.objects ?? all;
  const { files, objects, unsafe } =
    left === undefined
      ? (options.laidOut ?? layOut(live))
      : { ...layOutObjects(saved, live.namespaceName), unsafe: [] };
  const lacking = [
    ...collected.skipped.map((each) => (left === undefined ? each : askedIfSecret(each))),
    ...beingDeleted({ ...live, classified: saved }),
    ...(left?.skipped ?? []),
  ];
  const unmarked = live.unmarked.map(notLookedAt);
  const skipped: Skipped[] = [
    ...lacking,
    ...(left === undefined ? unmarked : unmarked.map((each) => ({ ...each, asked: true as const }))),
  ];

  const helm = helmInfo(live.history);
  if (helm !== undefined && left !== undefined) helm.revisions = [];
  for (const path of unsafe) {
    skipped.push({
      what: `helm/chart/${path}`,
      why: 'its path is used twice or would leave the chart folder',
    });
  }
  const settings: SettingsDocument = { pods: left?.pods ?? options.pods };
  const ofPods = { path: 'settings.json', content: `${JSON.stringify(settings, null, 2)}\n` };

  const document: BackupDocument = {
    formatVersion: FORMAT_VERSION,
    kind: options.kind,
    id: options.id,
    tool: { name: 'memcached-backup', version: options.toolVersion },
    cluster: {
      name: options.clusterName,
      ...(collected.identity.uid === undefined ? {} : { uid: collected.identity.uid }),
      ...(collected.identity.caDigest === undefined ? {} : { caDigest: collected.identity.caDigest }),
      serverVersion: collected.identity.serverVersion,
      context: collected.identity.context,
    },
    namespace: {
      name: live.namespaceName,
      labels: labelsOf(live.namespace ?? {}),
      annotations: annotationsOf(live.namespace ?? {}),
    },
    release: live.release,
    ...(options.note === undefined ? {} : { note: options.note }),
    ...(helm === undefined ? {} : { helm }),
    startedAt: options.startedAt.toISOString(),
    durationMs: options.finishedAt.getTime() - options.startedAt.getTime(),
    health: healthOf(live, options.pods),
    settings: settingsVerdict(options.pods),
    complete: lacking.length === 0,
    skipped,
    ...(left === undefined ? {} : { withoutSecrets: left.withoutSecrets }),
    objects,
    files: [],
  };
  if (left !== undefined) hideOwnTexts(document, left.hide);
  return { files: [...files, ofPods, { path: 'RUNBOOK.md', content: runbook(document) }], document };
}

/** The files and entries of a release's objects, and Helm's files: of a backup with its Secrets. Pure. */
export function layOut(live: LiveRelease): LaidOut {
  const { files, objects } = layOutObjects(
    [...live.classified, ...namespaceAsRecorded(live)],
    live.namespaceName,
  );
  const helm = live.history.length === 0 ? { files: [], unsafe: [] } : filesOfHelm(live.history);
  return { files: [...files, ...helm.files], objects, unsafe: helm.unsafe };
}

function layOutObjects(
  saved: readonly ClassifiedObject[],
  namespaceName: string,
): { files: PlannedFile[]; objects: ObjectEntry[] } {
  const files: PlannedFile[] = [];
  const objects = saved.map((classified) => {
    const name = objectFileName(classified.ref, namespaceName);
    const entry: ObjectEntry = {
      ...classified.ref,
      role: classified.role,
      from: classified.from,
      raw: `raw/${name}.json`,
    };
    files.push({ path: entry.raw, content: `${JSON.stringify(classified.object, null, 2)}\n` });
    if (classified.role !== 'recorded') {
      entry.manifest = `manifests/${name}.yaml`;
      files.push({ path: entry.manifest, content: toYaml(clean(classified.object).object) });
    }
    return entry;
  });
  return { files, objects };
}

/** Whoever wants no Secrets need not be allowed to read them. */
function askedIfSecret(skipped: Skipped): Skipped {
  const { permission } = skipped;
  return permission?.resource === 'secrets' && permission.group === ''
    ? { ...skipped, asked: true }
    : skipped;
}

/** What is copied into backup.json from objects that may not be in the backup. */
function hideOwnTexts(document: BackupDocument, hide: (text: string) => string): void {
  const { namespace, health } = document;
  document.namespace = hideTexts(namespace, hide) as BackupDocument['namespace'];
  if (document.note !== undefined) document.note = hide(document.note);
  document.health = { ...health, drift: health.drift.map(hide) };
  document.skipped = document.skipped.map((each) => ({ ...each, why: hide(each.why) }));
}

/** No restore would write it, so that a backup is complete without it. */
function notLookedAt(ref: ObjectRef): Skipped {
  const inNamespace = ref.namespace === undefined ? '' : ` in namespace ${ref.namespace}`;
  return {
    what: `${displayName(ref)}${inNamespace}`,
    why: "Helm's record names it, and it bears no marks of this release: it was not looked at",
  };
}

/** The Namespace, unless a manifest that names its own has brought it already. */
function namespaceAsRecorded({ namespace, classified }: LiveRelease): ClassifiedObject[] {
  if (namespace === undefined) return [];
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: nameOf(namespace) };
  if (classified.some((object) => keyOf(object.ref) === keyOf(ref))) return [];
  return [{ object: namespace, ref, role: 'recorded', from: 'namespace' }];
}

function helmInfo(history: HelmRevision[]): HelmInfo | undefined {
  const newest = newestRevision(history);
  const effective = effectiveRevision(history);
  if (newest === undefined || effective === undefined) return undefined;
  const metadata = objectAt(effective.document, 'chart', 'metadata');
  const appVersion = stringAt(metadata, 'appVersion');
  return {
    driver: newest.driver,
    revision: newest.revision,
    status: newest.status,
    chart: {
      name: stringAt(metadata, 'name') ?? '',
      version: stringAt(metadata, 'version') ?? '',
      ...(appVersion === undefined ? {} : { appVersion }),
    },
    revisions: history.map((revision) => revision.revision),
  };
}

/**
 * helm/: the records as a v1 List that `kubectl create -f -` takes as it is, the user's values, the chart.
 */
function filesOfHelm(history: HelmRevision[]): { files: PlannedFile[]; unsafe: string[] } {
  const effective = effectiveRevision(history)!;
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: history.map((revision) => clean(labelledRecord(revision)).object),
  };
  const size = list.items.reduce((sum, item) => sum + (stringAt(item, 'data', 'release')?.length ?? 0), 0);
  if (size > MAX_SAVED_RECORDS) throw tooMuchHistory(effective, history.length);
  const chart = rebuildChart(effective.document);
  return {
    files: [
      { path: 'helm/release.json.gz', content: gzip(`${JSON.stringify(list)}\n`) },
      { path: 'helm/values.yaml', content: toYaml(objectAt(effective.document, 'config') ?? {}) },
      ...chart.files.map((file) => ({ ...file, path: `helm/chart/${file.path}` })),
    ],
    unsafe: chart.unsafe,
  };
}

function tooMuchHistory({ record, name }: HelmRevision, revisions: number): ToolError {
  return new ToolError(
    `Helm's records of release "${name}" (${revisions} revisions) have more than ${sizeInWords(MAX_SAVED_RECORDS)}, which is all that a backup holds of them`,
    {
      untouched: 'nothing was saved',
      next: advice`have Helm keep fewer: --history-max 10 of your next helm upgrade; ${helm('history', name, '-n', stringAt(record, 'metadata', 'namespace') ?? 'default', '--max', 1000)} shows them`,
    },
  );
}

/** One line for a person: what is in the backup. */
export function summary(document: BackupDocument): string {
  const owned = document.objects.filter((object) => object.role === 'owned').length;
  const parts = [`${owned} ${owned === 1 ? 'object' : 'objects'} of the release`];
  const referenced = document.objects.filter((object) => object.role === 'referenced');
  if (referenced.length > 0)
    parts.push(`${referenced.length} it refers to (${referenced.map(displayName).join(', ')})`);
  if (document.helm !== undefined) parts.push(`Helm revision ${document.helm.revision}`);
  const { podsAnswered, podsAsked } = document.settings;
  parts.push(`settings of ${podsAnswered} of ${podsAsked} pods`);
  return parts.join(', ');
}
