import { secretsOfSource } from '../backup/release-secrets.ts';
import { type ShownManifest, shownManifests } from '../backup/show/shown-manifests.ts';
import { type RestoreSource, readSource } from '../backup/source.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { effectiveRevision, hooksOf } from '../model/helm/helm-release.ts';
import { type Json, objectAt, stringAt } from '../model/json/json.ts';
import type { PodSettings } from '../model/records/backup.ts';
import { hideSecretFlags, hideSecretValues, mask } from '../model/secrets/hide-secrets.ts';
import { secretHelmValues } from '../model/secrets/secrecy.ts';
import { maskedEnv } from '../model/settings/pod-settings.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { toPrettyJson } from '../output/print.ts';
import type { CommandContext } from '../session/context.ts';
import { currentScope } from '../session/current-scope.ts';
import { reading } from '../session/under-way.ts';
import { shellWord } from '../store/advice.ts';
import { locateBackup } from '../store/locate-backup.ts';
import type { BackupReader } from '../store/store.ts';
import { verifiedData } from './list-view.ts';
import { type ShownBackup, showText } from './show-view.ts';

export interface ShowOptions {
  /** RELEASE[@ID] or a path; the store's only release where undefined. */
  backup?: string;
  /** -n: only backups of this namespace. */
  namespace?: string;
  output: OutputFormat;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
}

/**
 * `show [RELEASE[@ID]]`: one backup, for reading. Secrets are masked in every format. The cluster is asked
 * only which of several namespaces or clusters is the one in use.
 */
export async function show(options: ShowOptions, context: CommandContext): Promise<ExitCode> {
  const { io } = context;
  const { reader, source } = await reading(context, 'Reading the backup', 'nothing was changed', () =>
    read(options, context),
  );
  const { output } = options;
  if (output === 'name') {
    io.out(`${reader.address.release}@${reader.address.id}`);
    return ExitCode.ok;
  }
  io.mask([...secretsOfSource(source), ...secretDefaults(source)]);
  if (output === 'yaml') {
    printManifests(reader, await shownManifests(reader, source), context);
    return ExitCode.ok;
  }
  const shown = await describe(reader, source);
  if (output === 'json') io.outText(toPrettyJson(await showData(shown, reader, source)));
  else io.outText(showText(shown, context.now(), { wide: output === 'wide' }));
  return ExitCode.ok;
}

async function read(
  { backup, namespace, clusterName }: ShowOptions,
  context: CommandContext,
): Promise<{ reader: BackupReader; source: RestoreSource }> {
  const here = currentScope(context);
  const located = await locateBackup(context.store, { name: backup, namespace, clusterName, here });
  const reader = await located.open();
  return { reader, source: await readSource(reader) };
}

/** Passwords that stand in the chart's own values: its notes and manifests may repeat them. */
function secretDefaults({ history }: RestoreSource): string[] {
  return secretHelmValues(objectAt(effectiveRevision(history)?.document, 'chart', 'values'));
}

async function describe(
  reader: BackupReader,
  { document, history, pods }: RestoreSource,
): Promise<ShownBackup> {
  const revision = effectiveRevision(history);
  return {
    location: reader.location,
    document,
    verification: await reader.verification(),
    pods: pods.map(masked),
    values: revision === undefined ? undefined : hideSecretValues(revision.document.config ?? {}, mask),
    notes: stringAt(revision?.document, 'info', 'notes'),
    hooks: revision === undefined ? [] : hooksOf(revision).map(({ name, events }) => ({ name, events })),
  };
}

function masked(pod: PodSettings): PodSettings {
  return {
    ...pod,
    env: maskedEnv(pod.env),
    command: hideSecretFlags(pod.command, mask),
    args: hideSecretFlags(pod.args, mask),
  };
}

/** `-o json`; docs/output.md documents it. */
async function showData(shown: ShownBackup, reader: BackupReader, source: RestoreSource): Promise<object> {
  const { location, document, verification, pods, values, notes, hooks } = shown;
  const manifests = await shownManifests(reader, source);
  return {
    location,
    backup: document,
    verified: verification === undefined ? null : verifiedData(verification),
    settings: { pods },
    ...(values === undefined ? {} : { values }),
    ...(notes === undefined ? {} : { notes }),
    hooks,
    manifests: manifests.map(({ object }): Json => object),
  };
}

/** A stream of documents, as `helm get manifest` prints one: where each comes from is a comment. */
function printManifests(reader: BackupReader, manifests: ShownManifest[], { io }: CommandContext): void {
  for (const { path, text, isMasked } of manifests) {
    const note = isMasked ? ' (secrets are masked; that file holds them)' : '';
    io.out('---');
    io.out(`# Source: ${path}${note}`);
    io.outText(text);
  }
  const count = manifests.filter(({ isMasked }) => isMasked).length;
  if (count > 0) {
    io.warn(
      `secrets are masked in ${count} of ${manifests.length} manifests, so this is for reading; ` +
        `to apply them: kubectl apply -n ${reader.address.namespace} -f ${shellWord(`${reader.location}/manifests`)}`,
    );
  }
}
