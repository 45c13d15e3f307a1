import { arrayAt, type JsonObject, stringAt } from '../../../src/model/json/json.ts';
import { nameOf } from '../../../src/model/kubernetes/object.ts';
import type { Kubectl } from './kubectl.ts';

/**
 * Talks to memcached by `kubectl exec … nc`, on purpose by another way than the tool does: what the tool
 * claims is checked by something that shares no code with it.
 */

/** A label that the pods of a release have, and whom their memcached answers where it does not answer everybody. */
export interface Whom {
  label?: string;
  login?: { user: string; password: string };
}

/** The pods of a release that are not on their way out. */
export async function podsOf(kubectl: Kubectl, release: string, { label }: Whom = {}): Promise<JsonObject[]> {
  const list = await kubectl.json('get', 'pods', '-l', label ?? `app.kubernetes.io/instance=${release}`);
  return (arrayAt(list, 'items') as JsonObject[]).filter(
    (pod) => stringAt(pod, 'metadata', 'deletionTimestamp') === undefined,
  );
}

/** `stats settings` of every pod, each as name → value, in the order of the pods' names. */
export async function statsSettings(
  kubectl: Kubectl,
  release: string,
  whom: Whom = {},
): Promise<Record<string, string>[]> {
  const pods = (await podsOf(kubectl, release, whom)).map(nameOf).sort();
  const { login } = whom;
  // memcached's doc/protocol.txt, "Authentication": a set whose value is the name and the password.
  const credentials = login === undefined ? [] : [`${login.user} ${login.password}`];
  const first = credentials.flatMap((text) => [`set auth 0 0 ${text.length}`, text]);
  const answers = await Promise.all(pods.map((pod) => ask(kubectl, pod, ...first, 'stats settings')));
  return answers.map((answer) =>
    Object.fromEntries(
      [...answer.matchAll(/^STAT (\S+) (.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
    ),
  );
}

/** Puts `count` keys into a pod's cache. */
export async function fillCache(kubectl: Kubectl, pod: string, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, i) => [`set key-${i} 0 0 5`, 'hello']);
  const answer = await ask(kubectl, pod, ...lines.flat());
  const stored = answer.match(/^STORED$/gm)?.length ?? 0;
  if (stored !== count) throw new Error(`memcached stored ${stored} of ${count} keys in ${pod}: ${answer}`);
}

/** How many items a pod's cache holds. */
export async function itemCount(kubectl: Kubectl, pod: string): Promise<number> {
  return Number(/^STAT curr_items (\d+)/m.exec(await ask(kubectl, pod, 'stats'))?.[1]);
}

/** The answer of memcached at `host`, asked from inside `pod`. */
export async function ask(kubectl: Kubectl, pod: string, ...lines: string[]): Promise<string> {
  return askAt(kubectl, pod, '127.0.0.1', ...lines);
}

export async function askAt(
  kubectl: Kubectl,
  pod: string,
  host: string,
  ...lines: string[]
): Promise<string> {
  const script = `printf '${[...lines, 'quit'].map((line) => `${line}\\r\\n`).join('')}' | nc ${host} 11211`;
  return (await kubectl.ok('exec', pod, '--', 'sh', '-c', script)).replaceAll('\r', '');
}
