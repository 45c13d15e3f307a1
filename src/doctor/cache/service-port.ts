import { arrayAt, type Json, numberAt, stringAt, valueAt } from '../../model/json/json.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';
import type { CachedPod } from './cached-pod.ts';

/** Whether one of the Service's ports is memcached's, not an exporter's. */
export function leadsTo(service: KubeObject, pod: CachedPod): boolean {
  return arrayAt(service, 'spec', 'ports').some((entry) => {
    const target = valueAt(entry, 'targetPort') ?? valueAt(entry, 'port');
    return numberOf(target) === pod.seen.target.port || (target !== undefined && target === portName(pod));
  });
}

export function portName({ container, seen }: CachedPod): string | undefined {
  const port = arrayAt(container, 'ports').find(
    (entry) => numberAt(entry, 'containerPort') === seen.target.port,
  );
  return stringAt(port, 'name');
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
