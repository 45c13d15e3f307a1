import type { Finding } from '../../model/findings/finding.ts';
import { arrayAt, isObject, type JsonObject, stringAt } from '../../model/json/json.ts';
import { hideSecretsInText } from '../../model/secrets/hide-secrets-in-text.ts';
import { type BackupRun, ofRun, patchFields } from './backup-run.ts';
import { podSpecOf } from './backup-schedule.ts';

/** A shell's script within a container, and where its `-c` stands. */
interface InlineScript {
  container: string;
  /** "/spec/…/containers/0/command/1": a JSON pointer. */
  flagAt: string;
  flag: string;
  script: string;
}

/** Commands whose failure means that something is not saved. */
const SAVES =
  /\b(?:kubectl|helm)\b.*\sget\s|\baws\s+s3\b|\b(?:rclone|gsutil|s3cmd|curl)\s|\bmc\s+(?:cp|mirror)\b|\bgit\s+push\b/;
const STOPS_ON_ERROR = /(?:^|[\n;])\s*set\s+(?:-\w*e|-o\s+errexit)/;

/** Whether the CronJob's script goes on after a command that failed: its Job succeeds without a backup then. */
export function judgeScriptSafety(run: BackupRun): Finding[] {
  return inlineScripts(run).flatMap((inline) => {
    const unheeded = unheededCommand(inline.flag, inline.script);
    if (unheeded === undefined) return [];
    const patch = [{ op: 'replace', path: inline.flagAt, value: inline.flag.replace(/c$/, 'ec') }];
    return [
      ofRun('MB255', run, {
        summary: 'its script goes on after a command that failed, so that its Job succeeds without a backup',
        evidence: [{ text: `no "set -e" before: ${hideSecretsInText(unheeded)}` }],
        advice: [patchFields(run, patch)],
      }),
    ];
  });
}

/** The first command that saves something and whose failure nothing heeds. */
export function unheededCommand(flag: string, script: string): string | undefined {
  if (/^-\w*e/.test(flag) || STOPS_ON_ERROR.test(script)) return undefined;
  const commands = script
    .replaceAll(/^\s*#.*$/gm, '')
    // What goes on in the next line is one command.
    .replaceAll(/(\\|&&|\|\||\|)[ \t]*\n/g, (_, joint: string) => (joint === '\\' ? ' ' : `${joint} `))
    .split(/[\n;]/)
    .map((command) => command.trim())
    .filter((command) => command !== '');
  return commands
    .slice(0, -1)
    .find(
      (command) =>
        SAVES.test(command) &&
        !/\|\|\s*(?:exit|return|false|die|fail)\b/.test(command) &&
        !/^(?:if|while|until)\b/.test(command),
    );
}

function inlineScripts(run: BackupRun): InlineScript[] {
  return arrayAt(podSpecOf(run.cronJob), 'containers').flatMap((container, index) =>
    isObject(container) ? inlineScriptOf(container, index) : [],
  );
}

function inlineScriptOf(container: JsonObject, index: number): InlineScript[] {
  const words = (['command', 'args'] as const).flatMap((field) =>
    arrayAt(container, field).map((word, at) => ({
      word: String(word),
      path: `/spec/jobTemplate/spec/template/spec/containers/${index}/${field}/${at}`,
    })),
  );
  const at = words.findIndex(({ word }) => /^-\w*c$/.test(word));
  const [flag, script] = [words[at], words[at + 1]];
  if (flag === undefined || script === undefined || !/sh$/.test(words[0]?.word ?? '')) return [];
  return [
    {
      container: stringAt(container, 'name') ?? '',
      flagAt: flag.path,
      flag: flag.word,
      script: script.word,
    },
  ];
}
