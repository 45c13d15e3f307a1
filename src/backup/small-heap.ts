import { setFlagsFromString } from 'node:v8';

/**
 * Tells V8 to spend less memory, for work that reads many releases one after the other: each leaves megabytes of
 * garbage, and what lives at any time is small. V8 collects garbage sooner instead of letting the heap grow, and
 * leaves out its optimising compilers, which take up to 15 MiB and here save no time: most of it goes into JSON,
 * gzip and files. V8 reads these flags whenever it decides (Heap::ShouldOptimizeForMemoryUsage, NewSpace::Grow,
 * MemoryController, TieringManager), so they may be set while it runs.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=15');
  setFlagsFromString('--no-maglev');
  setFlagsFromString('--no-turbofan');
}
