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
  const { XDG_STATE_HOME: xdg = '', LOCALAPPDATA: local = '' } = env;
  if (isAbsolute(xdg)) return join(xdg, NAME);
  if (platform === 'win32' && local !== '') return join(local, NAME);
  try {
    const folder = home();
    if (!isAbsolute(folder)) return undefined;
    return platform === 'win32'
      ? join(folder, 'AppData', 'Local', NAME)
      : join(folder, '.local', 'state', NAME);
  } catch {
    // A user id without an entry in passwd, as containers have, and no HOME.
    return undefined;
  }
}
