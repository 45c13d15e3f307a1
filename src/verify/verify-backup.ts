import { checkContent } from '../backup/checks/check-content.ts';
import { checkFiles } from '../backup/checks/check-files.ts';
import { type CheckResult, failed, ok, unchecked } from '../backup/checks/check-result.ts';
import { secretsOfSource } from '../backup/release-secrets.ts';
import { readSource } from '../backup/source.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { CommandContext } from '../session/context.ts';
import { currentScope } from '../session/current-scope.ts';
import { type LocatedBackup, locateBackup } from '../store/find/locate-backup.ts';
import { DamagedBackup } from '../store/format/damage.ts';
import { DOCUMENT, SEALED } from '../store/format/layout.ts';
import { SealedBackup } from '../store/format/sealed-backup.ts';
import { signaturesOf } from '../store/seal/sealing-store.ts';
import { signedInWords } from '../store/sign/signatures.ts';
import type { BackupReader } from '../store/store.ts';
import { checkRender } from './check-render.ts';
import { passedAndUnchecked, type Verdict, verdictOf } from './verdict.ts';
import { checkAgainstCluster } from './verify-cluster.ts';

/** What is verified, and by which checks. */
export interface WantedVerification {
  /** RELEASE[@ID] or a path; the store's only release where undefined. */
  backup?: string;
  /** -n: only backups of this namespace. */
  namespace?: string;
  /** Ask no cluster. */
  offline: boolean;
  /** Helm's path, or its name on PATH; undefined: render nothing. */
  helm: string | undefined;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** --before */
  before?: string;
}

export interface Verification {
  located: LocatedBackup;
  results: CheckResult[];
  verdict: Verdict;
  /** Whether verified.json says so now. */
  noted: boolean;
}

/**
 * Whether a backup is whole and would restore. Writes nothing but verified.json, which says so where nothing is wrong
 * with it.
 * @throws ToolError where there is no such backup; what is wrong with one is in the results.
 */
export async function verifyBackup(
  options: WantedVerification,
  context: CommandContext,
): Promise<Verification> {
  const { backup: name, namespace, clusterName, before } = options;
  const here = currentScope(context);
  const located = await locateBackup(context.store, {
    name,
    namespace,
    clusterName,
    before,
    here,
    damagedToo: true,
    command: 'verify',
  });
  return { located, ...(await verifyOpened(() => located.open(), options, context)) };
}

/** The same of a backup that is known: a damage that keeps it from being opened is what `verify` is there to find. */
export async function verifyOpened(
  open: () => Promise<BackupReader>,
  how: Pick<WantedVerification, 'offline' | 'helm'>,
  context: CommandContext,
): Promise<Omit<Verification, 'located'>> {
  let reader: BackupReader;
  try {
    reader = await open();
  } catch (error) {
    if (!(error instanceof DamagedBackup)) throw error;
    const results = [failed('backup.json', 'backup.json', error.damage)];
    return { results, verdict: verdictOf(results), noted: false };
  }
  return verifyReader(reader, how, context);
}

/** The same of a backup that is open. */
export async function verifyReader(
  reader: BackupReader,
  how: Pick<WantedVerification, 'offline' | 'helm'>,
  context: CommandContext,
): Promise<Omit<Verification, 'located'>> {
  const results = await checkAll(reader, how, context);
  const verdict = verdictOf(results);
  return { results, verdict, noted: await note(reader, results, verdict, context) };
}

async function checkAll(
  reader: BackupReader,
  { offline, helm }: Pick<WantedVerification, 'offline' | 'helm'>,
  context: CommandContext,
): Promise<CheckResult[]> {
  const signature = await checkSignature(reader, context);
  const found = await checkContent(reader, context.version).catch((error: unknown) =>
    notOpened(reader, error),
  );
  const content = [...signature, ...found];
  if (verdictOf(content) === 'failed' || content.some(isUnopened)) return content;
  const source = await readSource(reader);
  context.io.mask(secretsOfSource(source));
  const [cluster, render] = await Promise.all([
    offline
      ? (['api-versions', 'dry-run'] as const).map((check) => unchecked(check, 'the cluster', '--offline'))
      : checkAgainstCluster(source, context),
    helm === undefined
      ? [unchecked('render', 'the chart', '--skip-render')]
      : checkRender(await reader.unsealed(), source.history, helm, context.signal),
  ]);
  return [...content, ...cluster, ...render];
}

/**
 * Without a key the bytes are checked, and that is what is said. A key that was given and does not fit is a mistake, which
 * tells nothing of the backup.
 */
async function notOpened(reader: BackupReader, error: unknown): Promise<CheckResult[]> {
  if (!(error instanceof SealedBackup) || error.tried > 0) throw error;
  const why = `not opened: it is ${error.why}`;
  return [ok('backup.json', DOCUMENT), ...(await checkFiles(reader)), unchecked('opened', SEALED, why)];
}

function isUnopened({ check, status }: CheckResult): boolean {
  return check === 'opened' && status === 'unchecked';
}

/**
 * Who signed it. A signature that nobody was named for is unchecked; where signers were named, what none of them signed
 * fails.
 */
async function checkSignature(reader: BackupReader, context: CommandContext): Promise<CheckResult[]> {
  const signatures = signaturesOf(await context.store());
  const signature = await reader.signature();
  const signed = await signatures.judge({ ...reader, signature }, context.now());
  if (signed.status === 'trusted') return [ok('signature', `${DOCUMENT} by ${signed.by}`)];
  if (signed.status === 'none' && !signatures.areNamed) return [];
  const why = signedInWords(signed);
  return signed.status === 'unverified'
    ? [unchecked('signature', DOCUMENT, why)]
    : [failed('signature', DOCUMENT, why)];
}

/**
 * What an earlier verification noted is not true any more once one has failed. One that only looked at the bytes of a sealed
 * backup does not take the place of one that looked inside: of what is in it, that one says more.
 */
async function note(
  reader: BackupReader,
  results: CheckResult[],
  verdict: Verdict,
  context: CommandContext,
): Promise<boolean> {
  const success = {
    at: context.now().toISOString(),
    tool: { name: 'memcached-backup', version: context.version } as const,
    ...passedAndUnchecked(results),
  };
  try {
    if (verdict !== 'failed' && results.some(isUnopened)) {
      const earlier = await reader.verification();
      if (earlier?.passed.includes('opened')) {
        context.io.say(`The verification of ${earlier.at}, which opened it, stays noted.`);
        return false;
      }
    }
    await reader.noteVerification(verdict === 'failed' ? undefined : success);
    return verdict !== 'failed';
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    context.io.warn(`the outcome can't be noted beside the backup: ${error.message}`);
    return false;
  }
}
