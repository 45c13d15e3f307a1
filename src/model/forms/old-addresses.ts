import { arrayAt, cloneJson, isObject, type JsonObject, objectAt, stringAt, valueAt } from '../json/json.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { isClusterIPChosen, isNodePortChosen } from './clean.ts';

/** What the cluster had allocated to a Service (core/v1 ServiceSpec), and may give to it again. */
export interface OldAddress {
  field: 'clusterIP' | 'nodePort' | 'healthCheckNodePort';
  /** "10.96.0.7", "10.96.0.7,fd00::7", "31211". */
  value: string;
  /** Which of `spec.ports` the nodePort is of. */
  index?: number;
}

/**
 * What a Service of the backup had by allocation. What its author had asked for is none of it (the manifest asks
 * again), nor is "None"; nor what a copy for another namespace has given up.
 */
export function oldAddresses(raw: KubeObject): OldAddress[] {
  const spec = objectAt(raw, 'spec');
  if (raw.kind !== 'Service' || raw.apiVersion !== 'v1' || spec === undefined) return [];
  const found: OldAddress[] = [];
  const ip = clusterIP(spec);
  if (ip !== undefined && !isClusterIPChosen(raw)) found.push({ field: 'clusterIP', value: ip });
  for (const [index, port] of arrayAt(spec, 'ports').entries()) {
    const value = portAt(valueAt(port, 'nodePort'));
    if (value !== undefined && !isNodePortChosen(raw, port)) found.push({ field: 'nodePort', value, index });
  }
  const health = portAt(spec.healthCheckNodePort);
  if (health !== undefined) found.push({ field: 'healthCheckNodePort', value: health });
  return found;
}

/** The form of a Service that is to be created, asking for `addresses` that `raw` had. */
export function askingFor(addresses: readonly OldAddress[], raw: KubeObject, form: KubeObject): KubeObject {
  if (addresses.length === 0) return form;
  const asking = cloneJson(form);
  const [spec, was] = [objectAt(asking, 'spec')!, objectAt(raw, 'spec')!];
  for (const { field, index = 0 } of addresses) {
    if (field === 'nodePort') {
      const port = arrayAt(spec, 'ports')[index];
      if (isObject(port)) take('nodePort', port, objectAt(arrayAt(was, 'ports')[index]) ?? {});
    } else if (field === 'clusterIP') {
      take('clusterIP', spec, was);
      take('clusterIPs', spec, was);
    } else take(field, spec, was);
  }
  return asking;
}

/** What a Service has in the place of an address; undefined where it has none. */
export function addressNow(service: KubeObject, { field, index = 0 }: OldAddress): string | undefined {
  const spec = objectAt(service, 'spec') ?? {};
  if (field === 'clusterIP') return clusterIP(spec);
  return portAt(field === 'nodePort' ? valueAt(arrayAt(spec, 'ports')[index], 'nodePort') : spec[field]);
}

/** "clusterIP 10.96.0.7, nodePort 31211" */
export function addressWords(addresses: readonly OldAddress[]): string {
  return addresses.map(({ field, value }) => `${field} ${value}`).join(', ');
}

function clusterIP(spec: JsonObject): string | undefined {
  const ip = stringAt(spec, 'clusterIP') ?? '';
  if (ip === '' || ip === 'None') return undefined;
  const all = arrayAt(spec, 'clusterIPs').map(String);
  return all.length === 0 ? ip : all.join(',');
}

function portAt(value: unknown): string | undefined {
  return typeof value === 'number' && value > 0 ? String(value) : undefined;
}

function take(field: string, to: JsonObject, from: JsonObject): void {
  const value = from[field];
  if (value !== undefined) to[field] = cloneJson(value);
}
