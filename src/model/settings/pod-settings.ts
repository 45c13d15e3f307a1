import { arrayAt, type JsonObject, objectAt, stringAt } from '../json/json.ts';
import { displayName, type KubeObject, nameOf, refOf } from '../kubernetes/object.ts';
import { isPodReady, podsOfWorkload } from '../kubernetes/workload.ts';
import type { PodSettings } from '../records/backup-format.ts';
import { isSecretName } from '../secrets/secrecy.ts';
import { memcachedContainer } from './memcached-container.ts';

/** A memcached pod to ask, and all that is known of it without asking. */
export interface PodTarget {
  namespace: string;
  pod: string;
  port: number;
  /** See MemcachedContainer. */
  otherPorts?: number[];
  known: PodSettings;
}

/** The memcached pods of the given workloads, in the order of their names. */
export function podTargets(
  workloads: KubeObject[],
  replicaSets: KubeObject[],
  pods: KubeObject[],
): PodTarget[] {
  return workloads.flatMap((workload) =>
    podsOfWorkload(workload, replicaSets, pods).flatMap(({ pod, current }) => {
      const found = memcachedContainer(objectAt(pod, 'spec') ?? {});
      if (found === undefined) return [];
      const known = describePod(workload, pod, found.container, current);
      const { container: _, ...ports } = found;
      return [{ namespace: refOf(pod).namespace ?? '', pod: nameOf(pod), ...ports, known }];
    }),
  );
}

/** What is known of a memcached pod without asking it. @param workload undefined where nobody knows whose pod it is. */
export function describePod(
  workload: KubeObject | undefined,
  pod: KubeObject,
  container: JsonObject,
  current: boolean,
): PodSettings {
  const name = stringAt(container, 'name') ?? '';
  const status = arrayAt(pod, 'status', 'containerStatuses').find(
    (entry) => stringAt(entry, 'name') === name,
  );
  const imageID = stringAt(status, 'imageID');
  return {
    name: nameOf(pod),
    workload: workload === undefined ? '' : displayName(refOf(workload)),
    current,
    container: name,
    image: stringAt(container, 'image') ?? '',
    ...(imageID === undefined || imageID === '' ? {} : { imageID }),
    command: arrayAt(container, 'command').map(String),
    args: arrayAt(container, 'args').map(String),
    env: arrayAt(container, 'env').map(describeEnv),
    ready: isPodReady(pod),
  };
}

/** An env entry of a container, by its value or by where its value comes from. */
export function describeEnv(entry: unknown): PodSettings['env'][number] {
  const item = entry as JsonObject;
  const name = stringAt(item, 'name') ?? '';
  const value = stringAt(item, 'value');
  if (value !== undefined) return { name, value };
  const source = objectAt(item, 'valueFrom') ?? {};
  const [[kind, reference] = []] = Object.entries(source);
  if (kind === undefined) return { name, value: '' };
  const named = objectAt(reference);
  const field = stringAt(named, 'fieldPath') ?? stringAt(named, 'resource') ?? stringAt(named, 'key') ?? '';
  return { name, from: [kind, stringAt(named, 'name'), field].filter(Boolean).join(' ') };
}

/** The same with secret-looking env values masked: for output, never for the backup itself. */
export function maskedEnv(env: PodSettings['env']): PodSettings['env'] {
  return env.map((entry) =>
    entry.value !== undefined && isSecretName(entry.name) ? { ...entry, value: '***' } : entry,
  );
}
