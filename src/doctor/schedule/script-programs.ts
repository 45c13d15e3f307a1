import { shellCommands } from '../shell-commands.ts';

/**
 * Programs that backup scripts call and that small images lack. What BusyBox and a shell have themselves (tar, gzip, date,
 * wget) is in every image that has a shell.
 */
const EXTRA = new Set([
  ...['kubectl', 'helm', 'aws', 'az', 'gcloud', 'gsutil', 'rclone', 's3cmd', 'mc', 'restic', 'velero'],
  ...['git', 'curl', 'jq', 'yq', 'age', 'gpg', 'openssl', 'ssh', 'scp', 'rsync', 'zstd', 'python3', 'bash'],
]);

/**
 * The programs that an image has to have for a script, each once, in the order of their first call. Functions of the script
 * are none. Pure.
 * @param script command and arguments of containers, a container a line (`scriptOf`).
 */
export function scriptPrograms(script: string): string[] {
  const functions = new Set([...script.matchAll(/(?:^|[\s;])([\w-]+)\s*\(\)/g)].map(([, name]) => name));
  // "sh -ec SCRIPT": the shell is a program, and so is the first word of the script.
  const [, shell, inline] = /^\s*(\S*sh)\s+-\w*c\s+(.*)$/s.exec(script) ?? [];
  const called = [
    ...(shell === undefined ? [] : [shell]),
    ...shellCommands(inline ?? script).map(([first]) => first!),
  ];
  const programs = called
    .map((program) => program.split('/').at(-1)!)
    .filter((program, index) => (shell !== undefined && index === 0) || EXTRA.has(program))
    .filter((program) => !functions.has(program));
  return [...new Set(programs)];
}

/** "sh, kubectl and helm" */
export function inWords(programs: readonly string[]): string {
  if (programs.length <= 1) return programs.join('');
  return `${programs.slice(0, -1).join(', ')} and ${programs.at(-1)}`;
}
