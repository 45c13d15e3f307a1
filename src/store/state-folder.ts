import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const NAME = 'memcached-backup';

/**
 * The user's folder for state that is neither configuration nor cache, where journals go when the store can't
 * be written: XDG_STATE_HOME where it is set (XDG Base Directory Specification; a relative path is ignored),
 * %LOCALAPPDATA% on Windows, ~/.local/state elsewhere, macOS included. Undefined where there is no home.
 */
export function stateFolder(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
  home: () => string = homedir,
): string | undefined {
  const { XDG_STATE_HOME: xdg = '' } = env;
  const wanted = { inHome: ['.local', 'state'], xdg: isAbsolute(xdg) ? xdg : undefined };
  return userFolder(env, wanted, platform, home);
}

/** What is to be found among a user's folders. */
export interface WantedFolder {
  /** The absolute path that the XDG variable names; undefined where it names none. */
  xdg: string | undefined;
  /** Below the home, where it names none. */
  inHome: readonly string[];
}

/** This tool's folder in one of the user's; undefined where there is no home. */
export function userFolder(
  env: NodeJS.ProcessEnv,
  { xdg, inHome }: WantedFolder,
  platform: NodeJS.Platform,
  home: () => string = homedir,
): string | undefined {
  const { LOCALAPPDATA: local = '' } = env;
  if (xdg !== undefined) return join(xdg, NAME);
  if (platform === 'win32' && local !== '') return join(local, NAME);
  try {
    const folder = home();
    if (!isAbsolute(folder)) return undefined;
    return platform === 'win32' ? join(folder, 'AppData', 'Local', NAME) : join(folder, ...inHome, NAME);
  } catch {
    // A user id without an entry in passwd, as containers have, and no HOME.
    return undefined;
  }
}
