import { CutShortError } from '../errors/cut-short.ts';
import { UnreachableError } from '../errors/tool-error.ts';
import { ApiError } from './api-error.ts';

/** Whether a write that failed so may have been done all the same: the server broke down, or was not heard. */
export function leavesOpen(error: unknown): boolean {
  return error instanceof CutShortError || isTrouble(error);
}

/** Whether the server broke down, or was not heard. */
export function isTrouble(error: unknown): boolean {
  return error instanceof UnreachableError || (error instanceof ApiError && error.status >= 500);
}
