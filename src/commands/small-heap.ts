import { setFlagsFromString } from 'node:v8';

/**
 * Tells V8 to collect garbage sooner instead of letting the heap grow, for work that reads many releases one
 * after the other: each leaves megabytes of garbage, and what lives at any time is small. With 300 releases
 * Node then takes 80 MiB of private memory instead of 150, for some CPU time. V8 reads both flags whenever it decides
 * whether to grow (Heap::ShouldOptimizeForMemoryUsage, NewSpace::Grow), so they may be set while it runs.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--semi-space-growth-factor=1');
}
