import { tool } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import { summary } from '../backup/assemble.ts';
import {
  BACKUPS_AT_ONCE,
  type BackedUp,
  backUpReleases,
  type WantedReleases,
} from '../backup/back-up-releases.ts';
import type { CheckResult } from '../backup/checks/check-result.ts';
import type { PrunedAfter } from '../backup/prune-after.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { mapLimited } from '../errors/map-limited.ts';
import type { HelmStatus } from '../model/helm/helm-release.ts';
import { isBlocking } from '../model/helm/restored-record.ts';
import type { BackupDocument } from '../model/records/backup-format.ts';
import { timeOfId } from '../model/records/backup-id.ts';
import { qualifiedName } from '../model/records/backup-selector.ts';
import { summaryOf } from '../model/records/backup-summary.ts';
import { holdsSecrets, lacksOnlyWhatWasAsked } from '../model/records/held-secrets.ts';
import { sizeInWords } from '../output/byte-size.ts';
import { fileModeNote } from '../output/file-mode.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { print } from '../output/print.ts';
import type { CommandContext } from '../session/context.ts';
import { exposedInWords } from '../store/folder/folder-access.ts';
import { sealedTo } from '../store/format/sealed-backup.ts';
import { sealingBy, signaturesOf } from '../store/seal/sealing-store.ts';
import type { ReleaseAddress, SavedBackup, Store } from '../store/store.ts';
import type { VerifiedBackup } from '../verify/back-up-and-verify.ts';
import { type BackupInLine, backupInWords, savedSoFar } from './backup-verdict.ts';
import { type PushTarget, pushingRun, type RunRecord, type SavedRelease } from './push-run.ts';

export interface BackupOptions extends WantedReleases {
  output: OutputFormat;
  /** --no-headers. */
  headers: boolean;
  /** --verify: each backup is read again once it is saved. */
  verify: boolean;
  /** --push-gateway: who is told how the run was. */
  push?: PushTarget;
}

/** What is reported of a backup at the end. Documents of hundreds take megabytes: only -o json and yaml keep them. */
interface Saved extends BackupInLine {
  address: ReleaseAddress;
  location: string;
  complete: boolean;
  /** It is complete, or lacks only what was to be left out. */
  isAsAsked: boolean;
  withoutSecrets: boolean;
  holdsSecrets: boolean;
  summary: string;
  warnings: string[];
  document: BackupDocument | undefined;
  /** What --verify found; absent without it. */
  verification?: SavedVerification;
}

/** As -o json has it. */
interface SavedVerification {
  verdict: VerifiedBackup['verdict'];
  noted: boolean;
  /** How many checks passed. */
  passed: number;
  failed: CheckResult[];
  unchecked: CheckResult[];
}

/**
 * `backup [RELEASE…]`: saves releases to the store.
 * @returns ok, also where nothing but what was to be left out is lacking; incomplete where something may not be read
 * (it is named, and what could be read is saved);
 * failed where a release could not be saved at all, its backup did not pass --verify, or its older backups were not pruned, as was
 * asked for.
 */
export async function backup(options: BackupOptions, context: CommandContext): Promise<ExitCode> {
  return pushingRun(options.push, context, (record) => backUp(options, record, context));
}

async function backUp(options: BackupOptions, record: RunRecord, context: CommandContext): Promise<ExitCode> {
  // Before the cluster is asked: a recipient that was typed wrong must not cost the time of a backup.
  const store = await context.store();
  const sealing = await sealingBy(store, 'backup');
  await signaturesOf(store).signer();
  const outcome = await save(options, record, context);
  for (const saved of outcome.saved) report(saved, outcome.saved.length > 1, context);
  if (sealing !== undefined && outcome.saved.length > 0) {
    context.io.say(`Secrets are ${sealedTo(sealing)}: whoever loses that can't restore them.`);
  } else if (outcome.saved.some(({ holdsSecrets }) => holdsSecrets)) {
    const modes = fileModeNote('its files are');
    context.io.warn(`a backup holds Secrets in plain text${modes}: keep the store private`);
  }
  if (outcome.saved.some(({ withoutSecrets, complete }) => withoutSecrets && !complete)) {
    context.io.say(
      "Without Secrets it is not complete: a restore takes the Secrets and Helm's record that the cluster has, and can't bring them back.",
    );
  }
  await warnOfOthers(await context.store(), outcome.saved, context);
  await printSaved(outcome.saved, options, context);
  for (const pruned of outcome.pruned) reportPruned(pruned, context);
  for (const saved of outcome.saved) reportUnsound(saved, store, context);
  if (outcome.untried > 0)
    context.io.warn(
      `${outcome.untried} more ${outcome.untried === 1 ? 'release was' : 'releases were'} not tried: the cluster or the store could not be reached`,
    );
  const last = outcome.failed.at(-1);
  if (last !== undefined) {
    // A full disk fails every release with the same words; the last error, thrown, is reported with its help.
    const messages = new Set(outcome.failed.map(({ message }) => message));
    messages.delete(last.message);
    for (const message of messages) context.io.say(`error: ${message}`);
    throw last;
  }
  if (context.signal.aborted) return ExitCode.interrupted;
  if (outcome.saved.some(({ unsound }) => unsound.length > 0)) return ExitCode.failed;
  if (outcome.pruned.some(({ failed }) => failed.length > 0)) return ExitCode.failed;
  const isAll = outcome.left === undefined || outcome.left === 0;
  return isAll && outcome.saved.every(({ isAsAsked }) => isAsAsked) ? ExitCode.ok : ExitCode.incomplete;
}

/** Saves, and keeps the end of the run told at each moment. */
async function save(
  options: BackupOptions,
  record: RunRecord,
  context: CommandContext,
): Promise<BackedUp<Saved>> {
  const began = context.now();
  const soFar: Saved[] = [];
  context.ending?.is(() => savedSoFar(soFar));
  const keep = (taken: SavedBackup, verified?: VerifiedBackup): Saved => {
    const saved = toReport(taken, options, verified);
    soFar.push(saved);
    record.saved.push(measured(taken.document, verified, context.now()));
    return saved;
  };
  const backUpAll = async (): Promise<BackedUp<Saved>> => {
    if (!options.verify) return backUpReleases(options, { keep: (taken) => keep(taken) }, context);
    const { backUpAndVerify } = await import('../verify/back-up-and-verify.ts');
    return backUpAndVerify(options, keep, context);
  };
  const outcome = await backUpAll();
  record.failed = outcome.failed.length + outcome.untried;
  const durationMs = context.now().getTime() - began.getTime();
  context.ending?.is(() => backupInWords(outcome, { isVerified: options.verify, durationMs }));
  return outcome;
}

/** The backup is there, and would not restore: what was saved before it is what one has. */
function reportUnsound(
  { namespace, release, id, unsound }: Saved,
  { flags }: Store,
  { io, spelling }: CommandContext,
): void {
  if (unsound.length === 0) return;
  io.say(`error: the backup ${release}@${id} of ${namespace} was saved and is not sound:`);
  for (const result of unsound)
    if (result.status !== 'ok') io.say(`  ${result.check}: ${result.what}: ${result.why}`);
  io.say(
    `Next: take another, nothing older was removed; what is wrong with this one: ${spellCommand(tool('verify', `${release}@${id}`, '-n', namespace, ...flags), spelling)}`,
  );
}

/** The backup is saved, whatever became of the older ones. */
function reportPruned({ address, removed, bytes, failed }: PrunedAfter, { io }: CommandContext): void {
  const whose = `${address.namespace}/${address.release}`;
  if (removed > 0)
    io.say(
      `${whose}: removed ${removed} older ${removed === 1 ? 'backup' : 'backups'} (${sizeInWords(bytes)}).`,
    );
  for (const { message } of failed)
    io.warn(`${whose} is saved, but not all older backups were pruned: ${message}`);
}

/** Whoever can write to the store can change what a restore would write. Each folder once. */
async function warnOfOthers(store: Store, saved: Saved[], { io }: CommandContext): Promise<void> {
  const found = await mapLimited(saved, BACKUPS_AT_ONCE, ({ address }) => store.exposed(address));
  for (const line of new Set(found.flat().map(exposedInWords))) io.warn(line);
}

async function printSaved(saved: Saved[], options: BackupOptions, { io }: CommandContext): Promise<void> {
  const items = saved.map(({ document, location, verification }) => ({
    location,
    backup: document,
    ...(verification === undefined ? {} : { verification }),
  }));
  await print(
    io,
    {
      kind: 'BackupReport',
      data: { items },
      rows: saved,
      columns: [
        { header: 'NAMESPACE', cell: ({ namespace }) => namespace, wide: !options.allNamespaces },
        { header: 'RELEASE', cell: ({ release }) => release },
        { header: 'ID', cell: ({ id }) => id },
        { header: 'COMPLETE', cell: ({ complete }) => (complete ? 'yes' : 'no') },
        { header: 'LOCATION', cell: ({ location }) => location, spare: 1 },
      ],
      name: qualifiedName,
    },
    { output: options.output, headers: options.headers },
  );
}

function toReport(
  { document, location }: SavedBackup,
  { output }: BackupOptions,
  verified: VerifiedBackup | undefined,
): Saved {
  const { cluster, namespace, release } = document;
  return {
    address: { cluster: cluster.name, namespace: namespace.name, release },
    namespace: namespace.name,
    release,
    id: document.id,
    location,
    bytes: document.files.reduce((sum, { size }) => sum + size, 0),
    complete: document.complete,
    isAsAsked: document.complete || lacksOnlyWhatWasAsked(document),
    withoutSecrets: document.withoutSecrets !== undefined,
    holdsSecrets: holdsSecrets(document),
    summary: summary(document),
    warnings: warningsOf(document),
    document: output === 'json' || output === 'yaml' ? document : undefined,
    unsound: verified?.verdict === 'failed' ? withStatus(verified, 'failed') : [],
    ...(verified === undefined ? {} : { verification: inData(verified) }),
  };
}

function inData(verified: VerifiedBackup): SavedVerification {
  return {
    verdict: verified.verdict,
    noted: verified.noted,
    passed: withStatus(verified, 'ok').length,
    failed: withStatus(verified, 'failed'),
    unchecked: withStatus(verified, 'unchecked'),
  };
}

function withStatus({ results }: VerifiedBackup, wanted: CheckResult['status']): CheckResult[] {
  return results.filter(({ status }) => status === wanted);
}

/** One that is not sound is none to have: the metrics of the one before it stay. */
function measured(document: BackupDocument, verified: VerifiedBackup | undefined, now: Date): SavedRelease {
  const { id, namespace, release } = document;
  const { bytes, objects } = summaryOf(document);
  return {
    namespace: namespace.name,
    release,
    complete: document.complete && verified?.verdict !== 'failed',
    at: new Date(timeOfId(id)),
    bytes,
    objects,
    verifiedAt: verified?.noted === true ? now : undefined,
  };
}

function warningsOf({ health, helm, skipped, settings }: BackupDocument): string[] {
  const { podsAnswered, podsAsked, differing } = settings;
  return [
    ...(helm !== undefined && isBlocking({ status: helm.status as HelmStatus })
      ? [
          `Helm revision ${helm.revision} is ${helm.status}: an operation is under way, or was cut off; a restore writes it as failed`,
        ]
      : []),
    ...health.drift.map((line) => `live differs from what the release says: ${line}`),
    ...skipped.map(({ what, why }) => `not saved: ${what}: ${why}`),
    ...(podsAnswered < podsAsked
      ? [
          `${podsAsked - podsAnswered} of ${podsAsked} pods did not answer "stats settings"; see settings.json`,
        ]
      : []),
    ...(differing.length > 0 ? [`the pods disagree on ${differing.join(', ')}`] : []),
  ];
}

/** What a person should know of a backup, on standard error. With several, each line says whose it is. */
function report(saved: Saved, several: boolean, { io }: CommandContext): void {
  const whose = several ? `${saved.namespace}/${saved.release}: ` : '';
  io.say(`${whose}Saved ${saved.summary}.`);
  for (const warning of saved.warnings) io.warn(`${whose}${warning}`);
}
