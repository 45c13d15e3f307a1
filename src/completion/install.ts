import { constants } from 'node:fs';
import { access, lstat, readlink, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** How kubectl finds the plugin, and by which name it asks for completions (k8s.io/kubectl/pkg/cmd/plugin). */
const SUFFIX = process.platform === 'win32' ? '.exe' : '';
export const PLUGIN = `kubectl-memcached_backup${SUFFIX}`;
export const COMPLETION = `kubectl_complete-memcached_backup${SUFFIX}`;

/** There is such a link now, or was. */
export interface Installed {
  what: 'made' | 'there';
  link: string;
}

/** Why there is none. */
export interface NotInstalled {
  /** Something else has its name; or the folder can't be written; or no folder of PATH holds the plugin. */
  what: 'taken' | 'not made' | 'not found';
  link?: string;
  why: string;
}

/**
 * Puts a link under the name that kubectl asks for completions beside the plugin, where PATH finds it: krew links one file of a plugin
 * alone. It leads to that name, so that it survives an upgrade.
 */
export async function installForKubectl(env: NodeJS.ProcessEnv): Promise<Installed | NotInstalled> {
  const folder = await folderOnPath(env);
  if (folder === undefined) return { what: 'not found', why: 'no folder of PATH holds it' };
  const link = join(folder, COMPLETION);
  try {
    await symlink(PLUGIN, link);
    return { what: 'made', link };
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') return { what: 'not made', link, why: code };
  }
  const target = await readlink(link).catch(() => undefined);
  if (target === PLUGIN || target === join(folder, PLUGIN)) return { what: 'there', link };
  const isLink = (await lstat(link).catch(() => undefined))?.isSymbolicLink() === true;
  return { what: 'taken', link, why: isLink && target !== undefined ? `a link to ${target}` : 'a file' };
}

/** The first folder of PATH that holds the plugin, as the shell looks for it. */
async function folderOnPath({ PATH = '' }: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of PATH.split(delimiter).filter((each) => each !== '')) {
    const found = await access(join(folder, PLUGIN), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return folder;
  }
  return undefined;
}
