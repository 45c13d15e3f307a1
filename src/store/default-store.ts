import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { DEFAULT_STORE } from './advice.ts';
import { userFolder } from './state-folder.ts';

/** The store where neither a flag, nor the environment, nor a schedule names one. */
export interface FoundDefault {
  /** As messages have it. */
  location: string;
  /** The same, wherever one stands. */
  absolute: string;
}

/**
 * `./memcached-backups` where that is a folder; else the user's own folder for data, so that a backup is found again from
 * elsewhere: XDG_DATA_HOME where it is set (XDG Base Directory Specification; a relative path is ignored), ~/.local/share
 * elsewhere, %LOCALAPPDATA% on Windows. Where there is no such home, `./memcached-backups`.
 * @param workingFolder where one stands.
 */
export async function defaultStore(
  env: NodeJS.ProcessEnv,
  workingFolder: string = process.cwd(),
): Promise<FoundDefault> {
  const here = resolve(workingFolder, DEFAULT_STORE);
  const own = dataFolder(env);
  if (own === undefined || (await isFolder(here)) || !(await hasPlace(own)))
    return { location: DEFAULT_STORE, absolute: here };
  return { location: own, absolute: own };
}

/** The user's folder for data of this tool; undefined where there is no home. */
export function dataFolder(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
  home?: () => string,
): string | undefined {
  const { XDG_DATA_HOME: xdg = '' } = env;
  const wanted = { inHome: ['.local', 'share'], xdg: isAbsolute(xdg) ? xdg : undefined };
  const folder = userFolder(env, wanted, platform, ...(home === undefined ? [] : [home]));
  // On Windows state and data have one folder for both.
  return folder !== undefined && platform === 'win32' && wanted.xdg === undefined
    ? join(folder, 'backups')
    : folder;
}

/** Whether a folder can be made: passwd may name a home that is none, as of the users of containers. */
async function hasPlace(folder: string): Promise<boolean> {
  // The root is everybody's: what lies in it has to be there.
  for (let place = dirname(folder); place !== dirname(place); place = dirname(place))
    if (await isFolder(place)) return true;
  return isFolder(folder);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
