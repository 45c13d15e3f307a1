import { dialPods } from '../backup/dial-pods.ts';
import { UsageError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { copyBetweenPods } from '../memcached/copy-between-pods.ts';
import type { CopyProgress } from '../memcached/copy-items.ts';
import type { ItemLimits } from '../memcached/items/choose-items.ts';
import type { CommandContext } from '../session/context.ts';
import { showing } from '../session/under-way.ts';
import { lackingOfCopy } from './lacking.ts';
import { pairPods } from './pair-pods.ts';
import { progressBar } from './progress-bar.ts';
import type { CacheInUse } from './read-cache.ts';
import type { PodCopy } from './warm-report.ts';

/** For connecting, and as the longest silence of a memcached, milliseconds. */
const SILENCE_MS = 15_000;

export interface WarmFromPods {
  /** --from */
  source: CacheInUse;
  target: CacheInUse;
  /** --to: one pod of the target. */
  only: string | undefined;
  limits: ItemLimits;
}

/**
 * Copies items from the pods of one cache to those of another, pair by pair.
 * @returns what became of each pair, and what is lacking.
 * @throws UsageError where it can't be told which pod's items go where; ToolError, MemcachedError; BrokenOffError.
 */
export async function warmFromPods(
  kube: KubeClient,
  { source, target, only, limits }: WarmFromPods,
  context: CommandContext,
): Promise<{ copies: PodCopy[]; lacking: string[] }> {
  const { io, signal } = context;
  const pairs = pairPods(source, target, only);
  if (typeof pairs === 'string') {
    throw new UsageError(`the items of ${source.name} can't be copied to ${target.name}: ${pairs}`, {
      untouched: 'no cache was changed',
      next: 'name one pod on either side: --from pod/NAME --to POD',
    });
  }
  const { dial } = dialPods(kube);
  const copies: PodCopy[] = [];
  for (const pair of pairs) {
    const [fromPod, toPod] = [pair.from.target.pod, pair.to.target.pod];
    const began = performance.now();
    const copied = await showing(io, `pod/${fromPod} → pod/${toPod}`, (update) =>
      copyBetweenPods(pair.from.target, pair.to.target, {
        ...limits,
        dial,
        timeoutMs: SILENCE_MS,
        signal,
        ...(pair.from.credentials === undefined ? {} : { sourceCredentials: pair.from.credentials }),
        ...(pair.to.credentials === undefined ? {} : { targetCredentials: pair.to.credentials }),
        onProgress: (sofar) => update(`pod/${fromPod} → pod/${toPod} ${copyInWords(sofar, began)}`),
      }),
    );
    copies.push({ from: fromPod, to: toPod, ...copied });
  }
  return { copies, lacking: copies.flatMap((copy) => lackingOfCopy(copy)) };
}

/** "[████      ] 40 %, 40,000 of 100,000 keys, 26,100 a second" */
function copyInWords({ done, of }: CopyProgress, began: number): string {
  const seconds = Math.max(0.001, (performance.now() - began) / 1000);
  return `${progressBar(of === 0 ? 1 : done / of)} ${counted(done)} of ${counted(of)} keys, ${counted(Math.round(done / seconds))} a second`;
}

function counted(number: number): string {
  return number.toLocaleString('en-US');
}
