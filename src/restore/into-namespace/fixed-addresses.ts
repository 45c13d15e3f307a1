import { isClusterIPChosen, isNodePortChosen } from '../../model/forms/clean.ts';
import { arrayAt, cloneJson, isObject, objectAt, stringAt } from '../../model/json/json.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';

/**
 * A Service without what only one Service of a cluster can have (core/v1 ServiceSpec: clusterIP, nodePort,
 * healthCheckNodePort), because the original may still have it. The cluster allocates others.
 * @returns in `givenUp` what somebody had asked for, by its field; allocated values are no loss.
 */
export function withoutFixedAddresses(object: KubeObject): { object: KubeObject; givenUp: string[] } {
  const spec = objectAt(object, 'spec');
  if (object.kind !== 'Service' || object.apiVersion !== 'v1' || spec === undefined)
    return { object, givenUp: [] };
  const copy = cloneJson(object);
  const copied = objectAt(copy, 'spec')!;
  const givenUp: string[] = [];
  const address = stringAt(spec, 'clusterIP') || 'None';
  if (address !== 'None') {
    if (isClusterIPChosen(object)) givenUp.push(`clusterIP ${address}`);
    delete copied.clusterIP;
    delete copied.clusterIPs;
  }
  delete copied.healthCheckNodePort;
  for (const port of arrayAt(copied, 'ports').filter(isObject)) {
    if (port.nodePort === undefined) continue;
    if (isNodePortChosen(object, port)) givenUp.push(`nodePort ${String(port.nodePort)}`);
    delete port.nodePort;
  }
  return { object: copy, givenUp };
}
