import { ExitCode } from '../errors/exit-code.ts';
import { type ErrorHelp, ToolError, UnreachableError } from '../errors/tool-error.ts';
import { type StoreName, shellWord } from './advice.ts';
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

/** A store that can't take what was to be written: full (exit 1), or out of reach for writing (exit 4). */
export class UnwritableStore extends ToolError {
  constructor(message: string, help: ErrorHelp, isFull: boolean) {
    super(message, help, isFull ? ExitCode.failed : ExitCode.unreachable);
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
      ? `free some space (df -h ${shellWord(location)}), or name another store with --store`
      : `check its path and permissions (ls -ld ${shellWord(location)}), or name another store with --store`,
    cause: error,
  };
  return new UnwritableStore(message, help, full);
}

/** Why a store could not be read. */
export function readError(error: unknown, { location, flag }: StoreName): unknown {
  if (errnoOf(error) === undefined) return error;
  if (errnoOf(error) === 'ENOENT') {
    return new UnreachableError(`the store ${location} does not exist`, {
      next:
        'name the folder that holds your backups with --store or MEMCACHED_BACKUP_STORE, or take a first one: ' +
        `kubectl memcached-backup backup RELEASE${flag}`,
      cause: error,
    });
  }
  return new UnreachableError(`can't read the store ${location}: ${reasonOf(error)}`, {
    next: `check its path and permissions: ls -ld ${shellWord(location)}`,
    cause: error,
  });
}
