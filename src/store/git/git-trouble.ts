import { shellWord } from '../advice.ts';
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

/** Commands to paste; HOST, PORT, KNOWN, DIR and URL are those of the store. */
const COMMANDS: Partial<Record<GitTrouble, readonly string[]>> = {
  'no git': ['git --version'],
  'old git': ['git --version'],
  'host key unknown': ['ssh-keyscan -p PORT HOST'],
  'host key changed': ['ssh-keygen -l -F KNOWN', 'ssh-keyscan -p PORT HOST'],
  'key refused': ['ssh -v -T -p PORT HOST'],
  authentication: ['git config --get-all credential.helper', 'git ls-remote URL'],
  'not found': ['git ls-remote URL'],
  certificate: [
    'git config --get-urlmatch http.sslCAInfo URL',
    'git config --global http.sslCAInfo /path/to/ca.pem',
  ],
  network: ['git ls-remote URL'],
  'no signature': ['git config --get-regexp gpg'],
};

/** What keeps the store from being used, as doctor tells one from another. */
export function storeTrouble(trouble: GitTrouble, place: GitPlace): StoreTrouble | undefined {
  const kind = KINDS[trouble];
  const commands = COMMANDS[trouble] ?? [];
  return kind === undefined
    ? undefined
    : { kind, commands: commands.map((command) => inPlaceOf(command, place)) };
}

/** A text with the store's own HOST (USER@HOST for ssh), PORT, KNOWN (its name in known_hosts), DIR and URL. */
export function inPlaceOf(text: string, { url }: GitPlace): string {
  const { hostname, port, username, pathname, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const words: Record<string, string> = {
    'ssh-keyscan -p PORT HOST': `ssh-keyscan -p ${port || '22'} ${host}`,
    PORT: port || '22',
    HOST: `${username === '' ? '' : `${username}@`}${host}`,
    KNOWN: shellWord(port === '' || port === '22' ? host : `[${host}]:${port}`),
    DIR: shellWord(protocol === 'file:' ? decodeURI(pathname) : 'DIR'),
    URL: shellWord(url),
  };
  return text.replace(
    /ssh-keyscan -p PORT HOST|\b(?:PORT|HOST|KNOWN|DIR|URL)\b/g,
    (word) => words[word] ?? word,
  );
}
