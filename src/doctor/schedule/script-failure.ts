import { type Command, kubectl } from '../../advice/command.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { endOfJob } from '../../model/kubernetes/job.ts';
import { type KubeObject, nameOf } from '../../model/kubernetes/object.ts';
import { scriptOf } from '../../model/schedule/backup-cronjob.ts';
import { type BackupRun, inNamespace, ofRun, runNow } from './backup-run.ts';
import { otherImage } from './other-image.ts';
import { type Refusal, readScriptLog } from './script-log.ts';
import { inWords, scriptPrograms } from './script-programs.ts';

/** Of an object (RFC 1123 subdomain). */
const NAME = /^[a-z0-9][a-z0-9.-]*$/;

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
    const lacking = [...new Set(missingPrograms.map(({ program }) => program))];
    findings.push(
      ofRun('MB251', run, {
        summary: `its image has no ${lacking.join(', ')}${allTheSame}`,
        evidence: [...shown(missingPrograms.map(({ line }) => line)), ...callsOf(run)],
        advice: [otherImage(run, run.container, lacking), runNow(run)],
      }),
    );
  }
  if (complete && errors.length > 0) {
    findings.push(
      ofRun('MB252', run, {
        summary: 'a command of its script failed, and its Job is Complete all the same',
        evidence: shown(errors),
        advice: [kubectl('logs', nameOf(run.pod), '-c', run.container, ...inNamespace(run)), runNow(run)],
      }),
    );
  }
  return findings;
}

/** Where the first one that is not there ends the script, nobody has heard of the others yet. */
function callsOf({ cronJob }: BackupRun): Evidence[] {
  const programs = scriptPrograms(scriptOf(cronJob));
  return programs.length === 0 ? [] : [{ text: `its script calls ${inWords(programs)}` }];
}

function refusedText(refused: Refusal[]): string {
  const texts = refused.map(({ verb, resource, group }) => `${verb} ${resourceText(resource, group)}`);
  return [...new Set(texts)].join(', ');
}

function resourceText(resource: string, group: string): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** A Role and its binding for each resource, where a service account was refused it in a namespace. */
function grants(refused: Refusal[]): Command[] {
  const commands = refused.flatMap(({ user, verb, resource, group, namespace }) => {
    const [, account] = /^system:serviceaccount:([^:]+:.+)$/.exec(user) ?? [];
    if (account === undefined || namespace === '') return [];
    const name = `${account.split(':')[1]}-reads-${resource.replaceAll('/', '-')}`;
    // What a log says is a name only where it looks like one.
    if (![name, namespace].every((each) => NAME.test(each))) return [];
    // A backup reads; `helm get` lists the Secrets that hold its records, and then gets one.
    const verbs = [...new Set(['get', 'list', verb])].join(',');
    const rule = [`--verb=${verbs}`, `--resource=${resourceText(resource, group)}`];
    return [
      kubectl('create', 'role', name, '-n', namespace, ...rule),
      kubectl(
        'create',
        'rolebinding',
        name,
        '-n',
        namespace,
        `--role=${name}`,
        `--serviceaccount=${account}`,
      ),
    ];
  });
  return [...new Map(commands.map((command) => [JSON.stringify(command), command])).values()];
}
