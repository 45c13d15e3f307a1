import { text } from 'node:stream/consumers';
import { type JsonObject, stringAt } from '../../../src/model/json/json.ts';
import { nameOf } from '../../../src/model/kubernetes/object.ts';
import { dial, NotConnected } from '../../cluster/cluster.ts';
import type { Kubectl } from './kubectl.ts';

/**
 * Talks to memcached at the pod's own address or, where that can't be reached, by `kubectl exec … nc`: on purpose by
 * another way than the tool does. What the tool claims is checked by something that shares no code with it.
 */

const PORT = 11211;

/** memcached answers at once, or is ill. */
const PATIENCE_MS = 10_000;

/** A label that the pods of a release have, and whom their memcached answers where it does not answer everybody. */
export interface Whom {
  label?: string;
  login?: { user: string; password: string };
}

/** The pods of a release that are not on their way out. */
export async function podsOf(kubectl: Kubectl, release: string, { label }: Whom = {}): Promise<JsonObject[]> {
  const pods = await kubectl.objects.list('pods', label ?? `app.kubernetes.io/instance=${release}`);
  return pods.filter((pod) => stringAt(pod, 'metadata', 'deletionTimestamp') === undefined);
}

/** `stats settings` of every pod, each as name → value, in the order of the pods' names. */
export async function statsSettings(
  kubectl: Kubectl,
  release: string,
  whom: Whom = {},
): Promise<Record<string, string>[]> {
  const pods = (await podsOf(kubectl, release, whom)).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
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
export async function fillCache(kubectl: Kubectl, pod: JsonObject, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, i) => [`set key-${i} 0 0 5`, 'hello']);
  const answer = await ask(kubectl, pod, ...lines.flat());
  const stored = answer.match(/^STORED$/gm)?.length ?? 0;
  if (stored !== count)
    throw new Error(`memcached stored ${stored} of ${count} keys in ${nameOf(pod)}: ${answer}`);
}

/** How many items a pod's cache holds. */
export async function itemCount(kubectl: Kubectl, pod: JsonObject): Promise<number> {
  return Number(/^STAT curr_items (\d+)/m.exec(await ask(kubectl, pod, 'stats'))?.[1]);
}

/** The answer of a pod's memcached, as the API server described the pod. */
export async function ask(kubectl: Kubectl, pod: JsonObject, ...lines: string[]): Promise<string> {
  // The address of a pod that has ended may be another's by now.
  const ip = stringAt(pod, 'status', 'phase') === 'Running' ? stringAt(pod, 'status', 'podIP') : undefined;
  if (kubectl.podNetwork !== undefined && ip !== undefined) {
    try {
      return await askDirectly(kubectl.podNetwork, ip, lines);
    } catch (error) {
      // It listens on the pod's own 127.0.0.1 alone, or not at all, as nc will say.
      if (!(error instanceof NotConnected)) throw error;
    }
  }
  return askFrom(kubectl, nameOf(pod), '127.0.0.1', lines);
}

/** The answer of memcached at the address of a Service. @param pod one that can ask where nobody else can */
export async function askAt(
  kubectl: Kubectl,
  pod: string,
  host: string,
  ...lines: string[]
): Promise<string> {
  const { podNetwork } = kubectl;
  return podNetwork === undefined ? askFrom(kubectl, pod, host, lines) : askDirectly(podNetwork, host, lines);
}

async function askDirectly(podNetwork: string, host: string, lines: string[]): Promise<string> {
  const socket = await dial(podNetwork, host, PORT);
  const slow = () => socket.destroy(new Error(`${host}:${PORT} did not end within ${PATIENCE_MS} ms`));
  const timer = setTimeout(slow, PATIENCE_MS);
  try {
    socket.write([...lines, 'quit'].map((line) => `${line}\r\n`).join(''));
    return (await text(socket)).replaceAll('\r', '');
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

async function askFrom(kubectl: Kubectl, pod: string, host: string, lines: string[]): Promise<string> {
  const script = `printf '${[...lines, 'quit'].map((line) => `${line}\\r\\n`).join('')}' | nc ${host} ${PORT}`;
  return (await kubectl.ok('exec', pod, '--', 'sh', '-c', script)).replaceAll('\r', '');
}

/**
 * Does `work` while a client of the pod's cache reads, for as long as there is the pod: of four keys three that
 * {@link fillCache} put there.
 */
export async function whileRead<T>(kubectl: Kubectl, pod: JsonObject, work: () => Promise<T>): Promise<T> {
  let isOver = false;
  const reading = (async () => {
    while (!isOver) await ask(kubectl, pod, 'get key-0', 'get key-1', 'get key-2', 'get no-key');
  })().catch(() => {});
  try {
    return await work();
  } finally {
    isOver = true;
    await reading;
  }
}
