import { ExitCode } from '../errors/exit-code.ts';
import type { StoreFault } from '../model/schedule/run-end.ts';
import { MissingStore, UnreadableStore, UnwritableStore } from './store-error.ts';

/** Whether an error is about the store, and which; undefined where it is about something else. */
export function storeFaultOf(error: unknown): StoreFault | undefined {
  if (error instanceof UnwritableStore) return error.exitCode === ExitCode.failed ? 'full' : 'unusable';
  return error instanceof UnreadableStore || error instanceof MissingStore ? 'unusable' : undefined;
}
