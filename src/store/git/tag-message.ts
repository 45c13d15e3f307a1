import { isObject } from '../../model/json/json.ts';
import type { BackupSummary } from '../../model/records/backup-summary.ts';
import { Damage } from '../format/damage.ts';
import { sha256 } from '../format/digest.ts';
import { hasOutlineOfSummary } from '../format/document-outline.ts';
import { addressParts } from '../format/layout.ts';
import type { BackupAddress } from '../store.ts';

/** What the message of a backup's tag says, so that a listing looks into nothing else. */
export interface BackupClaims {
  /** sha256 of backup.json. */
  digest: string;
  summary: BackupSummary;
  /** backup.json.sig, where the backup is signed. */
  signature?: string;
  /** The branch that the commit went to, "refs/heads/main"; absent where it stayed beside, because nothing had changed. */
  branch?: string;
}

/** The subject of a backup's commit and of its tag. */
export function backupSubject({ namespace, release, id }: BackupAddress): string {
  return `Back up ${namespace}/${release} (${id})`;
}

/** The message of a backup's commit and tag: a subject, and trailers (git-interpret-trailers(1)). */
export function backupMessage(address: BackupAddress, claims: BackupClaims): string {
  const { digest, summary, signature, branch } = claims;
  return sealed(address, [
    backupSubject(address),
    '',
    ...placeTrailers(address),
    ...(branch === undefined ? [] : [`Branch: ${branch}`]),
    `Document-Sha256: ${digest}`,
    ...(signature === undefined ? [] : [`Document-Signature: ${JSON.stringify(signature)}`]),
    `Summary: ${JSON.stringify(summary)}`,
  ]);
}

/**
 * What such a message says.
 * @throws Damage where it is not as it was written, or was written for another backup.
 */
export function readBackupMessage(message: string, address: BackupAddress): BackupClaims {
  const trailers = unseal(message, address);
  const digest = trailers.get('Document-Sha256') ?? '';
  const summary = parse(trailers.get('Summary'));
  const signature = parse(trailers.get('Document-Signature'));
  // It is as it was written: by a newer version of this tool.
  if (!/^[0-9a-f]{64}$/.test(digest) || !hasOutlineOfSummary(summary))
    throw new Damage('its tag says something that this version does not read', { unreadable: true });
  const branch = trailers.get('Branch');
  return {
    digest,
    summary,
    ...(typeof signature === 'string' ? { signature } : {}),
    ...(branch === undefined ? {} : { branch }),
  };
}

/** The message of a note of `verify`. @param text verified.json; undefined where the note is taken back. */
export function verifiedMessage(address: BackupAddress, text: string | undefined): string {
  const { namespace, release, id } = address;
  return sealed(address, [
    text === undefined
      ? `Take back what was verified of ${namespace}/${release} (${id})`
      : `Verify ${namespace}/${release} (${id})`,
    '',
    ...placeTrailers(address),
    `Verification: ${text === undefined ? 'none' : JSON.stringify(JSON.parse(text))}`,
  ]);
}

/** verified.json in such a message; undefined where there is none any more. @throws Damage as readBackupMessage does. */
export function readVerifiedMessage(message: string, address: BackupAddress): string | undefined {
  const said = unseal(message, address).get('Verification');
  if (said === 'none') return undefined;
  const document = parse(said);
  if (!isObject(document)) throw new Damage('the tag of its verification does not say what it should');
  return `${JSON.stringify(document, null, 2)}\n`;
}

function placeTrailers({ release, namespace, cluster, id }: BackupAddress): string[] {
  return [`Release: ${release}`, `Namespace: ${namespace}`, `Cluster: ${cluster}`, `Backup: ${id}`];
}

/** The last trailer binds all before it to the backup: a tag that was copied to another says nothing there. */
function sealed(address: BackupAddress, lines: readonly string[]): string {
  const said = `${lines.join('\n')}\n`;
  return `${said}Check: ${checkOf(said, address)}\n`;
}

/** Where the last trailer begins: no line of ours before it can. */
const CHECK = '\nCheck: ';

/** The trailers, by name. A signature of Git's own may follow the message. */
function unseal(message: string, address: BackupAddress): Map<string, string> {
  const end = message.indexOf(CHECK) + 1;
  const said = message.slice(0, end);
  const [whole, check] = /^Check: ([0-9a-f]{64})\n/.exec(message.slice(end, end + CHECK.length + 64)) ?? [];
  const after = message.slice(end + (whole?.length ?? 0));
  if (check !== checkOf(said, address) || !(after === '' || /^-----BEGIN [A-Z ]+-----\n/.test(after)))
    throw new Damage('its tag is not as it was written, or is of another backup');
  const trailers = new Map<string, string>();
  for (const line of said.split('\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) trailers.set(line.slice(0, colon), line.slice(colon + 2));
  }
  return trailers;
}

function checkOf(said: string, address: BackupAddress): string {
  return sha256(`${addressParts(address).join('/')}\n${said}`);
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
