import { type Advice, partsOf } from '../../advice/advice.ts';
import { type Command, placeholder, shell, type Word } from '../../advice/command.ts';
import type { StoreTrouble, TroubleKind } from '../store-error.ts';
import type { GitPlace } from './git-location.ts';

/** Why git did not do what was asked. */
export type GitTrouble =
  | 'no git'
  | 'old git'
  | 'host key unknown'
  | 'host key changed'
  | 'key refused'
  | 'authentication'
  | 'denied'
  | 'declined'
  | 'not found'
  | 'full'
  | 'certificate'
  | 'network'
  | 'no atomic push'
  | 'no signature'
  | 'silent'
  | 'raced'
  | 'other';

/** What doctor calls it; what is not here has a moment's cause, or none that is known. */
const KINDS: Partial<Record<GitTrouble, TroubleKind>> = {
  'no git': 'no git',
  'old git': 'no git',
  'host key unknown': 'host key unknown',
  'host key changed': 'host key changed',
  'key refused': 'key refused',
  authentication: 'no login',
  denied: 'push denied',
  declined: 'push declined',
  'not found': 'no repository',
  full: 'full',
  certificate: 'certificate',
  network: 'unreachable',
  'no atomic push': 'no atomic push',
  'no signature': 'no git signature',
};

const SCAN = shell('ssh-keyscan', '-p', placeholder('PORT'), placeholder('HOST'));

/** Commands to paste; USER@HOST, HOST, PORT, KNOWN, DIR and URL are those of the store. */
const COMMANDS: Partial<Record<GitTrouble, readonly Command[]>> = {
  'no git': [shell('git', '--version')],
  'old git': [shell('git', '--version')],
  'host key unknown': [SCAN],
  'host key changed': [shell('ssh-keygen', '-l', '-F', placeholder('KNOWN')), SCAN],
  'key refused': [shell('ssh', '-v', '-T', '-p', placeholder('PORT'), placeholder('USER@HOST'))],
  authentication: [
    shell('git', 'config', '--get-all', 'credential.helper'),
    shell('git', 'ls-remote', placeholder('URL')),
  ],
  'not found': [shell('git', 'ls-remote', placeholder('URL'))],
  certificate: [
    shell('git', 'config', '--get-urlmatch', 'http.sslCAInfo', placeholder('URL')),
    shell('git', 'config', '--global', 'http.sslCAInfo', '/path/to/ca.pem'),
  ],
  network: [shell('git', 'ls-remote', placeholder('URL'))],
  'no signature': [shell('git', 'config', '--get-regexp', 'gpg')],
};

/** What keeps the store from being used, as doctor tells one from another. */
export function storeTrouble(trouble: GitTrouble, place: GitPlace): StoreTrouble | undefined {
  const kind = KINDS[trouble];
  const commands = COMMANDS[trouble] ?? [];
  return kind === undefined
    ? undefined
    : { kind, commands: commands.flatMap((command) => inPlaceOf(command, place)) };
}

/** Advice with the store's own PORT, HOST, USER@HOST, KNOWN (its name in known_hosts), DIR and URL in place of these. */
export function inPlaceOf(advice: Advice, { url }: GitPlace): Advice & readonly (string | Command)[] {
  const { hostname, port, username, pathname, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const known: Readonly<Record<string, string | undefined>> = {
    PORT: port || '22',
    HOST: host,
    'USER@HOST': `${username === '' ? '' : `${username}@`}${host}`,
    KNOWN: port === '' || port === '22' ? host : `[${host}]:${port}`,
    DIR: protocol === 'file:' ? decodeURI(pathname) : undefined,
    URL: url,
  };
  const inWord = (word: Word): Word =>
    typeof word === 'object' && 'placeholder' in word ? (known[word.placeholder] ?? word) : word;
  return partsOf(advice).map((part) =>
    typeof part === 'string' ? part : { ...part, words: part.words.map(inWord) },
  );
}
