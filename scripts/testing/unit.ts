import { availableParallelism } from 'node:os';
import type { TestRun } from './run-tests.ts';

/** Tests that need neither a build nor a cluster. */
export const UNIT: Omit<TestRun, 'only' | 'withSlow'> = {
  folders: ['test/unit', 'test/property'],
  concurrency: availableParallelism(),
  timeoutMs: 180_000,
  first: ['cut-offs', 'interleavings', 'api-faults'],
};
