import { arrayAt, isObject, type Json, type JsonObject, numberAt, stringAt } from '../json/json.ts';
import { explicitSettings } from './explicit-settings.ts';
import { isHeardLocally, listenAddresses } from './listen-address.ts';

export interface MemcachedContainer {
  container: JsonObject;
  /** Where memcached listens for TCP; 0 where it does not (-s, -p 0). */
  port: number;
  /** Where else it may listen; only where its definition does not tell the port, which is then a guess as well. */
  otherPorts?: number[];
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
  return container === undefined ? undefined : { container, ...portsOf(container) };
}

/** "memcached" of "registry.example:5000/team/memcached:1.6@sha256:…". */
function imageName(container: JsonObject): string {
  const path = (stringAt(container, 'image') ?? '').replace(/@.*$/, '');
  return path.slice(path.lastIndexOf('/') + 1).replace(/:.*$/, '');
}

/**
 * Where to ask it: what it was told (-l HOST:PORT, -p), of several addresses one that a port-forward reaches; else what
 * its ports are called, then memcached's default. Where a script or a value from elsewhere says it, the ports of the
 * container and of its probes are tried too.
 */
function portsOf(container: JsonObject): Pick<MemcachedContainer, 'port' | 'otherPorts'> {
  const { settings, perPod, isRead } = explicitSettings({
    image: stringAt(container, 'image') ?? '',
    command: strings(container.command),
    args: strings(container.args),
    env: arrayAt(container, 'env').map((entry) => {
      const value = stringAt(entry, 'value');
      return { name: stringAt(entry, 'name') ?? '', ...(value === undefined ? {} : { value }) };
    }),
  });
  const told = settings.get('tcpport');
  const addresses = listenAddresses(settings.get('inter') ?? '');
  const listened = (addresses.find(isHeardLocally) ?? addresses[0])?.port;
  if (listened !== undefined) return { port: listened };
  if (told !== undefined) return { port: Number(told) };
  // memcached opens no TCP port beside a socket file.
  if (settings.has('domain_socket')) return { port: 0 };
  const called = containerPorts(container).find(({ name }) => /^memcache/.test(name))?.port;
  if (isRead && !perPod.has('tcpport')) return { port: called ?? DEFAULT_PORT };
  const named = [...containerPorts(container).map(({ port }) => port), ...probedPorts(container)];
  const all = [...(called === undefined ? [] : [called]), ...named, DEFAULT_PORT].filter((port) => port > 0);
  const [port = DEFAULT_PORT, ...otherPorts] = new Set(all);
  return { port, otherPorts: otherPorts.slice(0, MOST_GUESSES) };
}

/** Each guess is a connection of its own. */
const MOST_GUESSES = 4;

/** Ports that the kubelet tries, where they are numbers. */
function probedPorts(container: JsonObject): number[] {
  return ['readinessProbe', 'livenessProbe', 'startupProbe'].flatMap(
    (probe) => numberAt(container, probe, 'tcpSocket', 'port') ?? [],
  );
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
