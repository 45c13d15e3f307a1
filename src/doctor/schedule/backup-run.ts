import { type Command, kubectl, shell, tool } from '../../advice/command.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { type KubeObject, nameOf, type ObjectRef, refOf } from '../../model/kubernetes/object.ts';
import { isScheduleOfTool } from '../../model/schedule/backup-cronjob.ts';
import { type Code, type FindingText, finding } from '../catalogue.ts';

/** One run of a backup CronJob, as far as it got; before the first one, only the CronJob. */
export interface BackupRun {
  cronJob: KubeObject;
  job?: KubeObject;
  pod?: KubeObject;
  release?: { namespace: string; name: string };
}

/** A finding about the farthest that a run got: its pod, else its Job, else the CronJob. */
export function ofRun(code: Code, run: BackupRun, text: Omit<FindingText, 'object' | 'release'>): Finding {
  const chain = [run.pod, run.job, run.cronJob].filter((each) => each !== undefined).map(refOf);
  const [object, ...rest] = chain;
  return finding(code, {
    ...text,
    ...(object === undefined ? {} : { object }),
    ...(run.release === undefined ? {} : { release: run.release }),
    about: [...rest, ...(text.about ?? [])],
  });
}

/** Of the same namespace as the run. */
export function refBeside(run: BackupRun, kind: string, name: string): ObjectRef {
  return { apiVersion: 'v1', kind, namespace: namespaceOf(run), name };
}

export function namespaceOf({ cronJob }: BackupRun): string {
  return refOf(cronJob).namespace ?? '';
}

/** `-n NAMESPACE`, for commands to paste. */
export function inNamespace(run: BackupRun): [flag: string, namespace: string] {
  return ['-n', namespaceOf(run)];
}

/** Runs the backup now, so that nobody has to wait for the night to see whether it works. */
export function runNow(run: BackupRun): Command {
  if (isScheduleOfTool(run.cronJob)) return ofSchedule(run, 'run');
  const name = nameOf(run.cronJob);
  const job = { output: shell('date', `+${name.slice(0, 40)}-now-%s`) };
  return kubectl('create', 'job', `--from=cronjob/${name}`, job, ...inNamespace(run));
}

/** `schedule resume --name NAME -n NAMESPACE`: only of a CronJob that this tool made. */
export function ofSchedule(run: BackupRun, verb: 'run' | 'resume'): Command {
  return tool('schedule', verb, '--name', nameOf(run.cronJob), ...inNamespace(run));
}

/** A strategic merge patch of the CronJob's pod template: lists of containers are merged by name. */
export function patchPodSpec(run: BackupRun, spec: unknown): Command {
  return patchCronJob(run, { jobTemplate: { spec: { template: { spec } } } });
}

export function patchCronJob(run: BackupRun, spec: unknown): Command {
  return kubectl(
    'patch',
    'cronjob',
    nameOf(run.cronJob),
    ...inNamespace(run),
    '-p',
    JSON.stringify({ spec }),
  );
}

/** A JSON patch of the CronJob: each operation as it stands. */
export function patchFields(run: BackupRun, operations: readonly object[]): Command {
  const patch = ['--type=json', '-p', JSON.stringify(operations)];
  return kubectl('patch', 'cronjob', nameOf(run.cronJob), ...inNamespace(run), ...patch);
}

/** An object's own state is `{ reason, message }` in many places: "OOMKilled: …". */
export function said(reason: string, message: string, at?: string): Evidence {
  const text = [reason, message].filter((part) => part !== '').join(': ');
  return at === undefined || at === '' ? { text } : { text, at };
}
