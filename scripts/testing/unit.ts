import { availableParallelism } from 'node:os';
import type { TestRun } from './run-tests.ts';

/** Tests that need neither a build nor a cluster. */
export const UNIT: Omit<TestRun, 'only' | 'withSlow'> = {
  folders: ['test/unit', 'test/property'],
  // Some of them wait, for a retry or a server of their own: with one more than there are cores none stands idle.
  concurrency: availableParallelism() + 1,
  timeoutMs: 180_000,
  first: ['cut-offs', 'interleavings', 'api-faults'],
};
