import { advice } from '../../advice/advice.ts';
import { shell } from '../../advice/command.ts';
import { UsageError } from '../../errors/tool-error.ts';

/** A repository, and the place in it. */
export interface GitPlace {
  /** As git takes it: ssh://…, https://… or file://…. */
  url: string;
  /** Absent: the one that HEAD of the repository names. */
  branch?: string;
  /** The folder that holds the clusters' folders; "" at the top. Never begins or ends in "/". */
  path: string;
}

const SCHEME = /^git\+(ssh|https|file):\/\//i;
const NEXT =
  'name the store as git+ssh://git@HOST/PATH.git, git+https://HOST/PATH.git or git+file:///PATH.git, with #BRANCH and ?path=DIR where they are needed';

/** A token, as hosting services make them: it may stand where a user's name does. */
const TOKEN = /^(?:gh[a-z]_|github_pat_|gl[a-z]+-|.{20,})/;

/** git-check-ref-format(1), and no character that a shell or a URL means something by. */
const BRANCH = /^(?![-/.])(?!.*(?:\.\.|\/\/|\/\.|\.lock(?:\/|$)|@\{))[A-Za-z0-9._/@+=-]+(?<![/.])$/;
const FOLDER = /^(?!\.)(?!.*(?:\.\.|\.lock$))[\w.+=-]+(?<!\.)$/;
/** Room is left for the names below it: a ref's file has at most some 4,096 bytes in its path. */
const MAX_PATH = 300;

/**
 * Reads `git+ssh://…`, `git+https://…` or `git+file://…`, with `#BRANCH` and `?path=DIR` in either order.
 * @throws UsageError where it is none; what may be a credential is not repeated.
 */
export function parseGitLocation(location: string): GitPlace {
  const [whole, scheme = ''] = SCHEME.exec(location) ?? [];
  if (whole === undefined) throw wrong('this kind of address of a Git repository is not known');
  const [repository = '', ...rest] = location.slice(whole.length).split(/(?=[?#])/);
  const place: GitPlace = { url: urlOf(scheme.toLowerCase(), repository), path: '' };
  for (const part of rest) {
    if (part.startsWith('#')) {
      if (place.branch !== undefined) throw wrong('the address of the store names two branches');
      place.branch = branchOf(part.slice(1));
    } else {
      const [, path] = /^\?path=(.*)$/.exec(part) ?? [];
      if (path === undefined) throw wrong('after "?" only path=DIR is known');
      place.path = pathOf(path);
    }
  }
  return place;
}

function urlOf(scheme: string, repository: string): string {
  // What a shell, ssh or git would take for something else than a name.
  if (!/^[\w.~%@:/[\]+=,-]+$/.test(repository))
    throw wrong('the address of the repository holds a character that is not taken');
  if (scheme === 'file') {
    if (!repository.startsWith('/')) throw wrong('the path of the repository is not absolute');
    return `file://${repository}`;
  }
  const [, user, host = '', path = ''] = /^(?:([^/]*)@)?([^/@]+)(\/.*)?$/.exec(repository) ?? [];
  if (user !== undefined && (user.startsWith('-') || user.includes(':') || TOKEN.test(user))) {
    throw new UsageError(
      'the address of the store holds a credential, or what looks like one; it is not shown here',
      {
        untouched: 'nothing was read or written',
        next: advice`take it out of it and revoke it, and let a credential helper of git give it: ${shell('git', 'help', 'credentials')}`,
      },
    );
  }
  if (!/^(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(host))
    throw wrong(`"${host}" is not the name of a host`);
  if (path.replaceAll('/', '') === '') throw wrong('the address names no repository on its host');
  return `${scheme}://${user === undefined ? '' : `${user}@`}${host}${path}`;
}

function branchOf(branch: string): string {
  if (!BRANCH.test(branch)) throw wrong(`"${branch}" can not be a branch`);
  return branch;
}

function pathOf(path: string): string {
  const folders = path.split('/').filter((folder) => folder !== '');
  const bad = folders.find((folder) => !FOLDER.test(folder));
  if (bad !== undefined) throw wrong(`"${bad}" can not be a folder of a store in Git`);
  const joined = folders.join('/');
  if (joined.length > MAX_PATH)
    throw wrong(`the folder in the repository has more than ${MAX_PATH} characters`);
  return joined;
}

function wrong(message: string): UsageError {
  return new UsageError(message, { next: NEXT });
}
