import { effectiveRevision, hooksOf } from '../../model/helm/helm-release.ts';
import { type Json, objectAt, stringAt } from '../../model/json/json.ts';
import type { BackupDocument, PodSettings, VerificationDocument } from '../../model/records/backup-format.ts';
import { hideSecretFlags, hideSecretValues, mask } from '../../model/secrets/hide-secrets.ts';
import { secretHelmValues } from '../../model/secrets/secrecy.ts';
import { maskedEnv } from '../../model/settings/pod-settings.ts';
import type { CommandContext } from '../../session/context.ts';
import { currentScope } from '../../session/current-scope.ts';
import { locateBackup } from '../../store/find/locate-backup.ts';
import { signaturesOf } from '../../store/seal/sealing-store.ts';
import type { Signed } from '../../store/sign/signatures.ts';
import type { BackupAddress, BackupReader } from '../../store/store.ts';
import { secretsOfSource } from '../release-secrets.ts';
import { type RestoreSource, readSource } from '../source.ts';
import { type ShownManifest, shownManifests } from './shown-manifests.ts';

/** Which backup is shown. */
export interface BackupToShow {
  /** RELEASE[@ID] or a path; the store's only release where undefined. */
  backup?: string;
  /** -n: only backups of this namespace. */
  namespace?: string;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** --before */
  before?: string;
}

/** What `show` knows of a backup; nothing in it is secret any more. */
export interface ShownBackup {
  address: BackupAddress;
  location: string;
  document: BackupDocument;
  verification: VerificationDocument | undefined;
  signed: Signed;
  pods: PodSettings[];
  /** What the user supplied to Helm; undefined without Helm, as the next two. */
  values: Json | undefined;
  notes: string | undefined;
  hooks: { name: string; events: string[] }[];
}

/**
 * Reads a backup for people: its secrets are told to the IO, and masked in all that is returned. The cluster is asked
 * only which of several namespaces or clusters is the one in use.
 * @returns the backup, and its manifests where they are asked for: they are read for `-o yaml` and `-o json` alone.
 * @throws as locateBackup does; DamagedBackup.
 */
export async function showBackup(
  wanted: BackupToShow,
  context: CommandContext,
): Promise<{ shown: ShownBackup; manifests: () => Promise<ShownManifest[]> }> {
  const { reader, source } = await read(wanted, context);
  context.io.mask([...secretsOfSource(source), ...secretDefaults(source)]);
  return { shown: await describe(reader, source, context), manifests: () => shownManifests(reader, source) };
}

async function read(
  { backup, namespace, clusterName, before }: BackupToShow,
  context: CommandContext,
): Promise<{ reader: BackupReader; source: RestoreSource }> {
  const here = currentScope(context);
  const located = await locateBackup(context.store, {
    name: backup,
    namespace,
    clusterName,
    before,
    here,
    command: 'show',
  });
  const reader = await (await located.open()).unsealed();
  return { reader, source: await readSource(reader) };
}

/** Passwords that stand in the chart's own values: its notes and manifests may repeat them. */
function secretDefaults({ history }: RestoreSource): string[] {
  return secretHelmValues(objectAt(effectiveRevision(history)?.document, 'chart', 'values'));
}

async function describe(
  reader: BackupReader,
  { document, history, pods }: RestoreSource,
  context: CommandContext,
): Promise<ShownBackup> {
  const revision = effectiveRevision(history);
  return {
    address: reader.address,
    location: reader.location,
    document,
    verification: await reader.verification(),
    signed: await signed(reader, context),
    pods: pods.map(masked),
    values: revision === undefined ? undefined : hideSecretValues(revision.document.config ?? {}, mask),
    notes: stringAt(revision?.document, 'info', 'notes'),
    hooks: revision === undefined ? [] : hooksOf(revision).map(({ name, events }) => ({ name, events })),
  };
}

async function signed(reader: BackupReader, context: CommandContext): Promise<Signed> {
  const signature = await reader.signature();
  // Without one, a store that can't be opened is no matter.
  if (signature === undefined && reader.store === undefined) return { status: 'none' };
  return signaturesOf(await context.store()).judge({ ...reader, signature }, context.now());
}

function masked(pod: PodSettings): PodSettings {
  return {
    ...pod,
    env: maskedEnv(pod.env),
    command: hideSecretFlags(pod.command, mask),
    args: hideSecretFlags(pod.args, mask),
  };
}
