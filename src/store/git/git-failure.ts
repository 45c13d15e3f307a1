import { type Advice, advice } from '../../advice/advice.ts';
import { placeholder, shell } from '../../advice/command.ts';
import type { StoreName } from '../advice.ts';
import { UnreadableStore, UnwritableStore } from '../store-error.ts';
import { parseGitLocation } from './git-location.ts';
import { type GitTrouble, inPlaceOf, storeTrouble } from './git-trouble.ts';

/** What git and servers say, in the C locale, and what it means. The first that fits counts. */
const SAID: readonly [RegExp, GitTrouble][] = [
  [/REMOTE HOST IDENTIFICATION HAS CHANGED|Offending .* key in/i, 'host key changed'],
  [/Host key verification failed|No \S+ host key is known/i, 'host key unknown'],
  [/No space left on device|Disk quota exceeded|over (?:its|the) quota|quota (?:was )?exceeded/i, 'full'],
  [
    /failed to sign the data|signing failed|Couldn't (?:load public key|sign message)|supplied to decrypt private key\?|user\.signingkey|cannot run \S*gpg/i,
    'no signature',
  ],
  [/does not support --atomic/i, 'no atomic push'],
  [/Permission denied \(|Too many authentication failures/i, 'key refused'],
  [
    /marked as read only|not allowed to (?:push|upload)|Permission to \S+ denied|write access|HTTP 403|error: 403|access denied or|insufficient permission/i,
    'denied',
  ],
  [
    /could not read (?:Username|Password)|Authentication failed|terminal prompts disabled|HTTP 401|error: 401|Access denied/i,
    'authentication',
  ],
  [
    /hook declined|protected (?:branch|tag|ref)|GH0\d\d|deletion prohibited|denying ref deletion|prohibited by|not permitted|\(deny /i,
    'declined',
  ],
  [
    /Repository not found|does not appear to be a git repository|repository .* (?:not found|does not exist)|not a git repository|project you were looking for could not be found|error: 404/i,
    'not found',
  ],
  [/certificate|SSL|TLS/, 'certificate'],
  [
    /Could not resolve host|Name or service not known|Temporary failure in name|Connection (?:refused|timed out|reset|closed)|No route to host|Network is unreachable|Failed to connect|Could not connect|Operation timed out/i,
    'network',
  ],
  [
    /fetch first|non-fast-forward|cannot lock ref|failed to (?:update|lock) ref|already exists|incorrect old value|stale info|atomic|remote end hung up|unexpected disconnect|is at .* but expected/i,
    'raced',
  ],
];

const MEANS: Record<GitTrouble, { why: string; next: Advice }> = {
  'no git': {
    why: 'there is no git program on PATH',
    next: 'install git 2.31 or later, or name another store with --store',
  },
  'old git': { why: 'the git program is too old', next: 'install git 2.31 or later' },
  'host key unknown': {
    why: 'the host key of the server is not known here',
    next: advice`compare what ${shell('ssh-keyscan', '-p', placeholder('PORT'), placeholder('HOST'))} prints with what the server publishes, and put it into ~/.ssh/known_hosts`,
  },
  'host key changed': {
    why: 'the host key of the server has changed: it was made anew, or somebody is in between',
    next: advice`ask whoever runs the server; only then remove the old one (${shell('ssh-keygen', '-R', placeholder('KNOWN'))}), and take the new one`,
  },
  'key refused': {
    why: 'the server refuses every SSH key that was offered',
    next: advice`see which keys ssh offers (${shell('ssh', '-v', '-T', '-p', placeholder('PORT'), placeholder('USER@HOST'))}), and add the public one to the repository as a deploy key with write access`,
  },
  authentication: {
    why: 'the server takes no credentials from here',
    next: advice`let a credential helper of git give a token that may write to the repository: ${shell('git', 'help', 'credentials')}`,
  },
  denied: {
    why: 'permission denied by the server',
    next: 'allow the key or the token to write to the repository (docs/stores.md, Git)',
  },
  declined: {
    why: 'the server declines it, by a hook or a rule that protects the branch or its tags',
    next: 'let the user of the backups push to the branch and its backup/ tags, or name another branch: #BRANCH',
  },
  'not found': {
    why: 'there is no such repository, or it is not shown to you',
    next: advice`check the address; a bare repository is made with: ${shell('git', 'init', '--bare', placeholder('DIR'))}`,
  },
  full: {
    why: 'a disk is full',
    next: advice`free some space here (${shell('df', '-h', '~/.cache')}) and on the server`,
  },
  certificate: {
    why: 'the certificate of the server is not trusted',
    next: advice`name the CA that signed it: ${shell('git', 'config', '--global', 'http.sslCAInfo', '/path/to/ca.pem')}, or GIT_SSL_CAINFO, which goes before it`,
  },
  network: {
    why: 'the server can not be reached',
    next: 'check the address, DNS, the network and the proxy',
  },
  'no atomic push': {
    why: 'the server takes no atomic push, without which half a backup could arrive',
    next: 'name a repository on another server',
  },
  'no signature': {
    why: 'git could not sign the commit or the tag',
    next: advice`see what is wrong: ${shell('git', 'config', '--get-regexp', 'gpg')}, ${shell('git', 'config', 'user.signingKey')}`,
  },
  silent: { why: 'git did not end in time', next: 'try again; see what it does with GIT_TRACE=1' },
  raced: { why: 'others pushed at the same time, again and again', next: 'try again in some minutes' },
  other: {
    why: 'git failed',
    next: advice`see what git says to: ${shell('git', 'ls-remote', placeholder('URL'))}`,
  },
};

/** It never leaves this store: {@link gitReadError} and {@link gitWriteError} say it. */
export class GitFailure extends Error {
  readonly trouble: GitTrouble;
  readonly next: Advice;
  /** What was asked: "push". */
  readonly what: string;
  /** What git wrote to stderr, as it is: not for anybody's eyes. */
  readonly #said: string;

  constructor(what: string, said: string, trouble: GitTrouble = troubleOf(said)) {
    const { why, next } = MEANS[trouble];
    const words = wordsOf(said);
    super(words === '' ? why : `${why} (git ${what}: ${words})`);
    this.what = what;
    this.#said = said;
    this.trouble = trouble;
    this.next = next;
  }

  /** Whether git spoke of this. */
  mentions(text: string): boolean {
    return this.#said.includes(text);
  }

  get isFull(): boolean {
    return this.trouble === 'full';
  }

  /** It may not be done. */
  get isDenied(): boolean {
    return this.trouble === 'denied' || this.trouble === 'declined';
  }
}

/** It wrote more than anybody needs, and was ended. */
export class TooMuchOutput extends GitFailure {
  constructor(what: string, maximum: number) {
    super(what, `it wrote more than ${maximum} bytes`, 'other');
  }
}

/** What the words of git and of the server mean. */
export function troubleOf(said: string): GitTrouble {
  return SAID.find(([pattern]) => pattern.test(said))?.[1] ?? 'other';
}

/** What git wrote, in one line, without what may be a credential. */
export function wordsOf(said: string): string {
  const lines = said
    .split(/[\r\n]+/)
    .map((line) => line.replace(/^remote:\s*/, '').trim())
    .filter(
      (line) =>
        line !== '' && !/^(?:hint:|To |Warning: Permanently|!?\s*\[remote rejected\].*\(atomic)/.test(line),
    );
  const words = lines
    .join('; ')
    .replaceAll(/\/\/[^/\s@]*@/g, '//')
    .replaceAll(/\p{Cc}/gu, '');
  return words.length > 400 ? `${words.slice(0, 400)}…` : words;
}

/** Why a store in Git could not be read; what does not come from git stays as it is. */
export function gitReadError(error: unknown, { location }: StoreName): unknown {
  if (!(error instanceof GitFailure)) return error;
  const place = parseGitLocation(location);
  return new UnreadableStore(`can't read the store ${location}: ${error.message}`, {
    next: inPlaceOf(error.next, place),
    trouble: storeTrouble(error.trouble, place),
    cause: error,
  });
}

/** Why nothing could be written. @param left what nobody knows, or lies there now that should not; one clause. */
export function gitWriteError(error: unknown, { location }: StoreName, left?: string): unknown {
  if (!(error instanceof GitFailure)) return error;
  const place = parseGitLocation(location);
  const help = {
    untouched: `${left ?? 'nothing half written is left in it'}; the backups that it holds are as they were`,
    next: inPlaceOf(error.next, place),
    trouble: storeTrouble(error.trouble, place),
    cause: error,
  };
  return new UnwritableStore(`can't write to the store ${location}: ${error.message}`, help, error.isFull);
}
