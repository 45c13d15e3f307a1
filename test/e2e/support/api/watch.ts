import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { uidOf } from '../../../../src/model/kubernetes/object.ts';
import type { Connection } from './connection.ts';
import { itemsOf, pathOf, type Resource } from './resources.ts';

/** Between a watch that ended early and the next, milliseconds. */
const PAUSE_MS = 100;

/** Objects of one kind: all of a namespace, those with some labels, or one of this name. */
export interface Watched {
  connection: Connection;
  namespace: string;
  resource: Resource;
  labels?: string | undefined;
  name?: string | undefined;
}

/**
 * Looks at the objects, and again whenever something of them changes, until `check` no longer throws.
 * @returns what `check` returns. @throws what it threw last, after `timeoutMs`.
 */
export async function watchUntil<T>(
  { connection, namespace, resource, labels, name }: Watched,
  check: (found: JsonObject[]) => T,
  timeoutMs: number,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  const query = new URLSearchParams({
    ...(labels === undefined ? {} : { labelSelector: labels }),
    ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
  });
  const path = pathOf(resource, namespace);
  for (;;) {
    const text = await connection.send({ method: 'GET', path: `${path}?${query}` });
    const found = new Map(itemsOf(resource, text).map((object) => [uidOf(object), object]));
    let failure: unknown;
    const outcome = (): { is: T } | undefined => {
      try {
        return { is: check([...found.values()]) };
      } catch (error) {
        failure = error;
        return undefined;
      }
    };
    const atOnce = outcome();
    if (atOnce !== undefined) return atOnce.is;
    const left = Math.ceil((deadline - Date.now()) / 1000);
    if (left <= 0) throw failure;
    const { resourceVersion = '' } = (JSON.parse(text) as { metadata: { resourceVersion?: string } })
      .metadata;
    const watch = new URLSearchParams({ ...Object.fromEntries(query), resourceVersion, watch: '1' });
    for await (const line of connection.lines(`${path}?${watch}&timeoutSeconds=${left}`)) {
      const { type, object } = JSON.parse(line) as { type: string; object: JsonObject };
      if (type === 'ERROR') break;
      if (type === 'DELETED') found.delete(uidOf(object));
      else found.set(uidOf(object), object);
      const now = outcome();
      if (now !== undefined) return now.is;
    }
    if (Date.now() >= deadline) throw failure;
    await sleep(PAUSE_MS);
  }
}
