import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { endOfJob } from '../../model/kubernetes/job.ts';
import { type KubeObject, nameOf } from '../../model/kubernetes/object.ts';
import { type BackupRun, inNamespace, ofRun, runNow } from './backup-run.ts';
import { type Refusal, readScriptLog } from './script-log.ts';

/** Lines of a log that are shown of one cause. */
const SHOWN_LINES = 5;

/** Whose log it is. */
export interface ScriptRun extends BackupRun {
  job: KubeObject;
  pod: KubeObject;
  /** The container that runs the script. */
  container: string;
}

/**
 * What the log of a hand-made backup says of its commands. A script without `set -e` goes on after a command
 * that failed, and its Job is Complete without a backup; so the log of a Complete Job is read too, and there
 * every error is one.
 */
export function judgeScript(run: ScriptRun, log: string): Finding[] {
  const { refused, missingPrograms, errors } = readScriptLog(log);
  const end = endOfJob(run.job);
  const complete = end?.type === 'Complete';
  const allTheSame = complete ? ', and its Job is Complete all the same' : '';
  const shown = (lines: string[]): Evidence[] =>
    [...new Set(lines)]
      .slice(0, SHOWN_LINES)
      .map((text) => (end?.at === undefined ? { text } : { text, at: end.at }));
  const findings: Finding[] = [];
  if (refused.length > 0) {
    findings.push(
      ofRun('MB250', run, {
        summary: `its service account may not ${refusedText(refused)}${allTheSame}`,
        evidence: shown(refused.map(({ line }) => line)),
        advice: [...grants(refused), runNow(run)],
      }),
    );
  }
  if (missingPrograms.length > 0) {
    const programs = [...new Set(missingPrograms.map(({ program }) => program))].join(', ');
    findings.push(
      ofRun('MB251', run, {
        summary: `its image has no ${programs}${allTheSame}`,
        evidence: shown(missingPrograms.map(({ line }) => line)),
        advice: [
          `kubectl set image cronjob/${nameOf(run.cronJob)} ${run.container}=IMAGE-WITH-${programs.toUpperCase().replaceAll(', ', '-')} ${inNamespace(run)}`,
          runNow(run),
        ],
      }),
    );
  }
  if (complete && errors.length > 0) {
    findings.push(
      ofRun('MB252', run, {
        summary: 'a command of its script failed, and its Job is Complete all the same',
        evidence: shown(errors),
        advice: [`kubectl logs ${nameOf(run.pod)} -c ${run.container} ${inNamespace(run)}`, runNow(run)],
      }),
    );
  }
  return findings;
}

function refusedText(refused: Refusal[]): string {
  const texts = refused.map(({ verb, resource, group }) => `${verb} ${resourceText(resource, group)}`);
  return [...new Set(texts)].join(', ');
}

function resourceText(resource: string, group: string): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** A Role and its binding for each resource, where a service account was refused it in a namespace. */
function grants(refused: Refusal[]): string[] {
  const commands = refused.flatMap(({ user, verb, resource, group, namespace }) => {
    const [, account] = /^system:serviceaccount:([^:]+:.+)$/.exec(user) ?? [];
    if (account === undefined || namespace === '') return [];
    const name = `${account.split(':')[1]}-reads-${resource.replaceAll('/', '-')}`;
    // A backup reads; `helm get` lists the Secrets that hold its records, and then gets one.
    const verbs = [...new Set(['get', 'list', verb])].join(',');
    return [
      `kubectl create role ${name} -n ${namespace} --verb=${verbs} --resource=${resourceText(resource, group)}`,
      `kubectl create rolebinding ${name} -n ${namespace} --role=${name} --serviceaccount=${account}`,
    ];
  });
  return [...new Set(commands)];
}
