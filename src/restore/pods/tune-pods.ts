import { ToolError } from '../../errors/tool-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import { displayName, nameOf, uidOf } from '../../model/kubernetes/object.ts';
import { isMemcachedWorkload } from '../../model/kubernetes/workload.ts';
import type { RuntimeChange } from '../../model/plan/runtime.ts';
import { runtimeChangeText } from '../../output/runtime-text.ts';
import type { JournaledWrites } from '../journal/journaled-writes.ts';
import type { OpenCache } from './paced/look-at-pod.ts';
import { readWorkload } from './read-workload.ts';

/** What became of the settings of one pod. */
export interface Tuned extends RuntimeChange {
  /** Why they are not all so: it is gone, gave no answer, or refused a command; absent where each was taken. */
  refusal?: string;
}

export interface TuneWork {
  kube: KubeClient;
  live: LiveRelease;
  journaled: Pick<JournaledWrites, 'tunes'>;
  open: OpenCache;
  signal: AbortSignal;
  /** Told of each pod: "pod/cart-1: maxbytes 8388608 (8 MiB) → 67108864 (64 MiB), at run time". */
  onTuned(inWords: string): void;
}

/**
 * Sends each pod its commands, pod by pod, each after a line of the journal. One that is not that pod any more, or that refuses, is
 * told and left: what it lacks, the proof shows.
 * @throws NoUndoStore where the journal can't be written: that pod was sent nothing.
 */
export async function tunePods(changes: readonly RuntimeChange[], work: TuneWork): Promise<Tuned[]> {
  const tuned: Tuned[] = [];
  for (const change of changes) {
    if (work.signal.aborted) break;
    const refusal = await tunePod(change, work);
    tuned.push({ ...change, ...(refusal === undefined ? {} : { refusal }) });
    work.onTuned(tunedInWords(change, refusal));
  }
  return tuned;
}

/** @returns why not; undefined where it took all of them. */
async function tunePod(
  change: RuntimeChange,
  { kube, live, journaled, open }: TuneWork,
): Promise<string | undefined> {
  const owner = live.classified.find(
    ({ ref, object }) => displayName(ref) === change.workload && isMemcachedWorkload(object),
  );
  const now = owner && (await readWorkload(kube, owner.ref));
  const pod = now?.pods.find((each) => nameOf(each) === change.pod && uidOf(each) === change.uid);
  if (now === undefined || pod === undefined) return 'it is gone';
  await journaled.tunes(change);
  try {
    const client = await open(now.workload, pod);
    try {
      for (const command of change.commands) {
        const answer = await client.change(command);
        if (answer !== 'OK') return `it answered "${command}" with ${answer}`;
      }
      return undefined;
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return error.message;
  }
}

export function tunedInWords(change: RuntimeChange, refusal?: string): string {
  const how = refusal === undefined ? 'at run time' : `not taken: ${refusal}`;
  return `pod/${change.pod}: ${runtimeChangeText(change)}, ${how}`;
}
