import { checkContent } from '../backup/checks/check-content.ts';
import { type CheckResult, failed, unchecked } from '../backup/checks/check-result.ts';
import { secretsOfSource } from '../backup/release-secrets.ts';
import { readSource } from '../backup/source.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { CommandContext } from '../session/context.ts';
import { currentScope } from '../session/current-scope.ts';
import { DamagedBackup } from '../store/damage.ts';
import { type LocatedBackup, locateBackup } from '../store/locate-backup.ts';
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
  const { backup: name, namespace, clusterName } = options;
  const here = currentScope(context);
  const located = await locateBackup(context.store, { name, namespace, clusterName, here, damagedToo: true });
  const reader = await open(located);
  const results = reader instanceof DamagedBackup ? [failed('document', 'backup.json', reader.damage)] : [];
  if (!(reader instanceof DamagedBackup)) results.push(...(await checkAll(reader, options, context)));
  const verdict = verdictOf(results);
  const noted = !(reader instanceof DamagedBackup) && (await note(reader, results, verdict, context));
  return { located, results, verdict, noted };
}

/** A damage is what `verify` is there to find; everything else ends it. */
async function open(located: LocatedBackup): Promise<BackupReader | DamagedBackup> {
  try {
    return await located.open();
  } catch (error) {
    if (error instanceof DamagedBackup) return error;
    throw error;
  }
}

async function checkAll(
  reader: BackupReader,
  { offline, helm }: WantedVerification,
  context: CommandContext,
): Promise<CheckResult[]> {
  const content = await checkContent(reader, context.version);
  if (verdictOf(content) === 'failed') return content;
  const source = await readSource(reader);
  context.io.mask(secretsOfSource(source));
  const [cluster, render] = await Promise.all([
    offline
      ? (['kinds', 'dry-run'] as const).map((check) => unchecked(check, 'the cluster', '--offline'))
      : checkAgainstCluster(source, context),
    helm === undefined
      ? [unchecked('render', 'the chart', '--skip-render')]
      : checkRender(reader, source.history, helm, context.signal),
  ]);
  return [...content, ...cluster, ...render];
}

/** What an earlier verification noted is not true any more once one has failed. */
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
    await reader.noteVerification(verdict === 'failed' ? undefined : success);
    return verdict !== 'failed';
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    context.io.warn(`the outcome can't be noted beside the backup: ${error.message}`);
    return false;
  }
}
