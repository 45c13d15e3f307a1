import { setTimeout } from 'node:timers/promises';

/** By then requests that were begun are on their way, where the server is near; else connecting takes longer, milliseconds. */
const SENT_MS = 12;

/** Does what takes time of this machine alone while answers are awaited, and not while requests are being sent. */
export async function meanwhile<T>(work: () => Promise<T>): Promise<T> {
  await setTimeout(SENT_MS);
  return work();
}
