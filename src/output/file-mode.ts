/**
 * " (its files are 0600)", beside what is said of files that hold secrets. Windows has no such modes: who may read a file there is
 * up to the access list of its folder, so nothing is said.
 * @param what "its files are", "it is".
 */
export function fileModeNote(what: string, platform: NodeJS.Platform = process.platform): string {
  return platform === 'win32' ? '' : ` (${what} 0600)`;
}
