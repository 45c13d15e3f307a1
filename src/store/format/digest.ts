import { hash } from 'node:crypto';

/** sha256 as backup.json and sha256sum write it: 64 lower-case hex digits. */
export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content);
}

/** One line as `sha256sum FILE` prints it, so that `sha256sum -c` in the file's folder checks it. */
export function checksumLine(digest: string, file: string): string {
  return `${digest}  ${file}\n`;
}

/** The digest of a checksum line for `file`, in text or binary mode ("*"); undefined for anything else. */
export function parseChecksumLine(line: string, file: string): string | undefined {
  const [, digest, name] = /^([0-9a-f]{64}) [ *](.+?)\r?\n?$/.exec(line) ?? [];
  return name === file ? digest : undefined;
}
