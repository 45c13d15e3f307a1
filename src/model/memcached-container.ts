import { explicitSettings } from './explicit-settings.ts';
import { arrayAt, isObject, type Json, type JsonObject, numberAt, stringAt } from './json.ts';

export interface MemcachedContainer {
  container: JsonObject;
  /** Where memcached listens for TCP; 0 where it does not (-s, -p 0). */
  port: number;
}

const DEFAULT_PORT = 11211;
/** Companions of memcached whose images carry its name. */
const NOT_MEMCACHED = /exporter|operator|backup|mcrouter/i;

/**
 * The container of a pod that runs memcached, recognised by its image's name, its command, or memcached's
 * port; undefined where there is none.
 * @param podSpec a PodSpec: a pod's `spec`, or `spec.template.spec` of a workload.
 */
export function memcachedContainer(podSpec: JsonObject): MemcachedContainer | undefined {
  const candidates = arrayAt(podSpec, 'containers')
    .filter(isObject)
    .filter((container) => !NOT_MEMCACHED.test(imageName(container)));
  const container =
    candidates.find((candidate) => /^memcached/i.test(imageName(candidate))) ??
    candidates.find((candidate) => words(candidate).some((word) => /(?:^|\/)memcached$/.test(word))) ??
    candidates.find((candidate) => containerPorts(candidate).some(({ port }) => port === DEFAULT_PORT));
  return container === undefined ? undefined : { container, port: portOf(container) };
}

/** "memcached" of "registry.example:5000/team/memcached:1.6@sha256:…". */
function imageName(container: JsonObject): string {
  const path = (stringAt(container, 'image') ?? '').replace(/@.*$/, '');
  return path.slice(path.lastIndexOf('/') + 1).replace(/:.*$/, '');
}

/** What it was told, then what its ports are called, then memcached's default. */
function portOf(container: JsonObject): number {
  const { settings } = explicitSettings({
    image: stringAt(container, 'image') ?? '',
    command: strings(container.command),
    args: strings(container.args),
    env: arrayAt(container, 'env').map((entry) => {
      const value = stringAt(entry, 'value');
      return { name: stringAt(entry, 'name') ?? '', ...(value === undefined ? {} : { value }) };
    }),
  });
  const told = settings.get('tcpport');
  if (told !== undefined) return Number(told);
  // memcached opens no TCP port beside a socket file.
  if (settings.has('domain_socket')) return 0;
  return containerPorts(container).find(({ name }) => /^memcache/.test(name))?.port ?? DEFAULT_PORT;
}

function containerPorts(container: JsonObject): { name: string; port: number }[] {
  return arrayAt(container, 'ports').map((entry) => ({
    name: stringAt(entry, 'name') ?? '',
    port: numberAt(entry, 'containerPort') ?? 0,
  }));
}

function words(container: JsonObject): string[] {
  return [...strings(container.command), ...strings(container.args)];
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
