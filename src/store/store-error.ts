import { type Advice, advice } from '../advice/advice.ts';
import { placeholder, shell, tool } from '../advice/command.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { type ErrorHelp, ToolError, UnreachableError } from '../errors/tool-error.ts';
import type { StoreName } from './advice.ts';
import { errnoOf } from './errno.ts';

/** What the operating system's codes mean to someone who has to fix them. */
const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  ENOENT: 'it does not exist',
  ENOTDIR: 'part of the path is a file, not a folder',
  ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'the path is too long',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this machine',
  EIO: 'the disk reported an error',
  ESTALE: 'the network file system lost it',
  ETIMEDOUT: 'the network file system does not answer',
};

/** The store is there, but has no room: another exit code than a store that can't be reached. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE']);

export function reasonOf(error: unknown): string {
  const reason = REASONS[errnoOf(error) ?? ''];
  return reason ?? (error instanceof Error ? error.message : String(error));
}

/** What keeps a store from being used, as `doctor` tells one from another. A kind of store adds its own. */
export type TroubleKind =
  /** The bucket, or what else the store lies in, was never made. */
  | 'container missing'
  | 'denied'
  | 'other region'
  | 'clock'
  | 'expired credentials'
  | 'no credentials'
  | 'refused credentials'
  | 'unreachable'
  | 'certificate'
  | 'checksum refused'
  | 'conditions refused'
  | 'not encrypted'
  | 'host key unknown'
  | 'host key changed'
  /** Of SSH. */
  | 'key refused'
  /** No user and password, or token, that the server takes. */
  | 'no login'
  /** It may be read, and not pushed to. */
  | 'push denied'
  /** A hook, or a rule of the server, says no. */
  | 'push declined'
  | 'no repository'
  | 'full'
  | 'no git'
  | 'no atomic push'
  | 'no git signature'
  | 'claim missing'
  /** It has no volume, or is being deleted. */
  | 'claim unbound'
  /** Another pod holds it, where this one can't join it. */
  | 'claim held'
  | 'claim denied'
  | 'helper image'
  /** The pod that would mount the claim is refused, or does not start. */
  | 'helper pod';

/** Why a store can't be used, for a machine to act on. */
export interface StoreTrouble {
  kind: TroubleKind;
  /** Commands to paste that show more of it, or mend it. */
  commands: Advice[];
}

export interface StoreErrorHelp extends ErrorHelp {
  /** Absent where the cause is none of those that are told apart. */
  trouble?: StoreTrouble | undefined;
}

/** A store that can't take what was to be written: full (exit 1), or out of reach for writing (exit 4). */
export class UnwritableStore extends ToolError {
  readonly trouble: StoreTrouble | undefined;

  constructor(message: string, help: StoreErrorHelp, isFull: boolean) {
    super(message, help, isFull ? ExitCode.failed : ExitCode.unreachable);
    this.trouble = help.trouble;
  }
}

/** A store that can't be read (exit 4). */
export class UnreadableStore extends UnreachableError {
  readonly trouble: StoreTrouble | undefined;

  constructor(message: string, help: StoreErrorHelp) {
    super(message, help);
    this.trouble = help.trouble;
  }
}

/** What kept a store from being used; undefined where the error does not tell. */
export function troubleOf(error: unknown): StoreTrouble | undefined {
  return error instanceof UnreadableStore || error instanceof UnwritableStore ? error.trouble : undefined;
}

/**
 * A backup that may not be removed: permissions, a policy of the store, a lock on what it holds. Others may well be
 * removed, so whoever removes several says so and goes on.
 */
export class DeletionDenied extends ToolError {
  /** @param why one clause: "permission denied", "it is locked until 2026-12-24". */
  constructor(location: string, why: string, help: Omit<ErrorHelp, 'untouched'> = {}) {
    super(`the backup ${location} can't be removed: ${why}`, { untouched: 'it is there, whole', ...help });
  }
}

/**
 * Why a backup could not be written. What was written of it has been removed before. What does not come from
 * the operating system (a ToolError, a defect) stays as it is.
 */
export function writeError(error: unknown, location: string): unknown {
  if (errnoOf(error) === undefined) return error;
  const full = FULL.has(errnoOf(error) ?? '');
  const message = `can't write to the store ${location}: ${reasonOf(error)}`;
  const help = {
    untouched: 'nothing half written is left in it; the backups that it holds are as they were',
    next: full
      ? advice`free some space (${shell('df', '-h', location)}), or name another store with --store`
      : advice`check its path and permissions (${shell('ls', '-ld', location)}), or name another store with --store`,
    cause: error,
  };
  return new UnwritableStore(message, help, full);
}

/** There is no such store: another trouble than one that can't be read. */
export class MissingStore extends UnreachableError {}

/** Why a store could not be read. */
export function readError(error: unknown, { location, flags: flag }: StoreName): unknown {
  if (errnoOf(error) === undefined) return error;
  if (errnoOf(error) === 'ENOENT') {
    return new MissingStore(`the store ${location} does not exist`, {
      next: advice`name the folder that holds your backups with --store or MEMCACHED_BACKUP_STORE, or take a first one: ${tool('backup', placeholder('RELEASE'), ...flag)}`,
      cause: error,
    });
  }
  return new UnreadableStore(`can't read the store ${location}: ${reasonOf(error)}`, {
    next: advice`check its path and permissions: ${shell('ls', '-ld', location)}`,
    cause: error,
  });
}
