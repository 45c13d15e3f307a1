import project from '../../package.json' with { type: 'json' };

/** A platform by the names of Go, which kubectl, Helm and krew use. */
export interface Platform {
  os: 'linux' | 'darwin' | 'windows';
  arch: 'amd64' | 'arm64';
}

/** What is built for one platform. */
export interface Archive extends Platform {
  /** Its path. */
  file: string;
  /** Of its bytes, in hexadecimal. */
  sha256: string;
}

/** What a release is built for. */
export const PLATFORMS: readonly Platform[] = [
  { os: 'linux', arch: 'amd64' },
  { os: 'linux', arch: 'arm64' },
  { os: 'darwin', arch: 'amd64' },
  { os: 'darwin', arch: 'arm64' },
  { os: 'windows', arch: 'amd64' },
];

/** The file name of a platform's archive. */
export function archiveName({ os, arch }: Platform): string {
  return `${project.name}-v${project.version}-${os}-${arch}.${os === 'windows' ? 'zip' : 'tar.gz'}`;
}

/** Where a file of this version's release is downloaded from. */
export function downloadUrl(fileName: string): string {
  return `${project.homepage}/releases/download/v${project.version}/${fileName}`;
}
