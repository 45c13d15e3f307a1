import type { Advice } from '../../advice/advice.ts';
import { type Command, kubectl, tool } from '../../advice/command.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { type KubeObject, nameOf } from '../../model/kubernetes/object.ts';
import { backupMaker } from '../../model/schedule/backup-cronjob.ts';
import { storeFaultIn } from '../../model/schedule/run-end.ts';
import { scheduledBackup } from '../../model/schedule/scheduled-backup.ts';
import { scheduledStore } from '../../model/schedule/scheduled-store.ts';
import { hideSecretsInText } from '../../model/secrets/hide-secrets-in-text.ts';
import type { Code } from '../catalogue.ts';
import { type BackupRun, inNamespace, ofRun, runNow } from './backup-run.ts';
import type { ContainerState } from './container-states.ts';
import { claimsOf } from './pod-start.ts';

/** As docs/output.md has it: saved, and something is lacking. */
const INCOMPLETE = 5;

/**
 * "can't write to the store s3://b/f: permission denied: …": what the stores of this tool say (src/store/store-error.ts and
 * each kind's), where nothing but the log of a run is left.
 */
const STORE_SAYS =
  /\b(?:can't (?:read|write to) the store|the store) (\S+?):? (?:(?:does not exist|has no)\b.*|.+)/;
const IS_FULL = /\b(?:disk|volume|storage) is full\b|\bquota is used up\b/;

/**
 * What this tool says itself of a run that failed: the line that it leaves in its pod, or the end of its log. Undefined where another
 * program ran, or where it does not tell.
 */
export function judgeToolEnd(
  run: BackupRun & { pod: KubeObject },
  { ended, image }: ContainerState,
  log: string | undefined,
): Finding | undefined {
  if (ended === undefined || backupMaker(run.cronJob) !== 'tool') return undefined;
  const lines = [...ended.message.split('\n'), ...(log ?? '').split('\n').toReversed()].map((line) =>
    line.trim(),
  );
  const [first = ''] = lines.filter((line) => line !== '');
  const fault = storeFaultIn(first);
  const inLog = fault === undefined ? lines.find((line) => STORE_SAYS.test(line)) : undefined;
  const told = fault === undefined || fault === 'none' ? inLog : first;
  const found = (code: Code, line: string, summary: string, advice: Advice[]): Finding =>
    ofRun(code, run, {
      summary,
      evidence: [
        { text: hideSecretsInText(line), ...(ended.at === '' ? {} : { at: ended.at }) },
        { text: `exit code ${ended.exitCode}` },
      ],
      advice: [...advice, runNow(run)],
    });
  if (told !== undefined) {
    return fault === 'full' || (inLog !== undefined && IS_FULL.test(inLog))
      ? found('MB244', told, 'there was no room in its store', roomFor(run, image))
      : found('MB245', told, 'it can’t use its store', [logCommand(run)]);
  }
  return ended.exitCode === INCOMPLETE
    ? found('MB246', first, 'what it saved is not complete', [logCommand(run)])
    : undefined;
}

/** The log of the very pod: of a Job with several, kubectl takes any. */
function logCommand(run: BackupRun & { pod: KubeObject }): Command {
  return kubectl('logs', nameOf(run.pod), ...inNamespace(run));
}

/** @param image of the run, which the nodes have: the pod that looks into a claim takes it as well. */
function roomFor(run: BackupRun & { pod: KubeObject }, image: string): Command[] {
  const store = scheduledStore(run.cronJob);
  const where = scheduledBackup(run.cronJob)?.namespace;
  const claims = claimsOf(run.pod).map((claim) => kubectl('describe', 'pvc', claim, ...inNamespace(run)));
  if (store === undefined) return claims;
  const scope = where === undefined ? ['-A'] : ['-n', where];
  const flags = [
    ...[...store.flags].flatMap(([name, value]) => [`--${name}`, value]),
    ...(/^pvc:/i.test(store.location) && image !== '' ? ['--helper-image', image] : []),
  ];
  return [...claims, tool('prune', ...scope, '--store', store.location, ...flags, '--dry-run')];
}
