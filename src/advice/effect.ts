import { type Advice, commandsIn } from './advice.ts';
import { type Command, TOOL, type Word } from './command.ts';

/** Of each program, the words that a command which changes nothing begins with; a verb alone, or a verb and its object. */
const LOOKS: Readonly<Record<string, readonly string[]>> = {
  kubectl: [
    'get',
    'describe',
    'logs',
    'top',
    'events',
    'explain',
    'api-resources',
    'api-versions',
    'cluster-info',
    'version',
    'diff',
    'auth can-i',
    'auth whoami',
    'config view',
    'config get-contexts',
    'config current-context',
    'rollout status',
    'rollout history',
    'port-forward',
    'wait',
  ],
  helm: ['history', 'status', 'get', 'list', 'ls', 'show', 'template', 'version', 'env', 'search', 'diff'],
  [TOOL]: [
    'list',
    'show',
    'diff',
    // It notes beside a backup that it is sound; no object changes.
    'verify',
    'status',
    'doctor',
    'permissions',
    'schedule status',
    'schedule logs',
    'schedule render',
    'alerts',
    'runbook',
    'options',
    'version',
  ],
  git: ['log', 'show', 'status', 'ls-remote', 'fsck', 'remote -v', 'diff'],
  aws: ['s3 ls', 's3api get-', 's3api list-', 's3api head-', 'sts get-caller-identity', 'configure list'],
  ls: [''],
  cat: [''],
  df: [''],
  ssh: [''],
  grep: [''],
  wc: [''],
  stat: [''],
  sha256sum: [''],
  timedatectl: [''],
  curl: [''],
  openssl: ['s_client'],
  date: [''],
  chronyc: ['tracking'],
  'ssh-keyscan': [''],
  kubeadm: ['certs check-expiration'],
  'ssh-keygen': ['-Y verify', '-l', '-lf'],
};

/** Flags that take the next word as their value where they stand before the verb. */
const VALUED = new Set(['-n', '--namespace', '--context', '--kubeconfig', '-C']);

/**
 * The word before advice: "look" where nothing that it names changes anything, "fix" where something does, or where it
 * names no command at all.
 */
export function effectOf(advice: Advice): 'look' | 'fix' {
  const commands = commandsIn(advice);
  return commands.length > 0 && commands.every(looks) ? 'look' : 'fix';
}

function looks({ program, words }: Command): boolean {
  const texts = words.map(textOf);
  if (program === TOOL && texts[0] === 'doctor') return !texts.includes('--fix');
  if (program === TOOL && texts[0] === 'snapshot') return texts.includes('--list');
  if (texts.some((word) => /^--dry-run(?:=(?:client|server))?$/.test(word))) return true;
  const verb = verbOf(program, texts);
  return (
    LOOKS[program]?.some((look) => look === '' || verb === look || verb.startsWith(boundary(look))) ?? false
  );
}

/** A prefix of an API's name ends with its hyphen, a word with a space. */
function boundary(look: string): string {
  return look.endsWith('-') ? look : `${look} `;
}

/** The words without the flags before them. */
function verbOf(program: string, words: readonly string[]): string {
  let at = 0;
  while (program !== 'ssh-keygen' && words[at]?.startsWith('-') === true) {
    at += VALUED.has(words[at]!) ? 2 : 1;
  }
  return words.slice(at).join(' ');
}

function textOf(word: Word): string {
  return typeof word === 'string' ? word : '';
}
