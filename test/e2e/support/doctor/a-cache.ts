import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { TestCluster } from '../../../cluster/cluster.ts';
import type { PlainRelease } from '../fixtures/plain-yaml.ts';

const NAME = 'cache';
const LABELS = { app: NAME };

/** A memcached of plain YAML in the making: healthy until a step spoils it. Each step gives a new one. */
export class Cache {
  readonly #cluster: TestCluster;
  readonly #parts: Parts;

  constructor(cluster: TestCluster, parts: Parts) {
    this.#cluster = cluster;
    this.#parts = parts;
  }

  #with(parts: Partial<Parts>): Cache {
    return new Cache(this.#cluster, { ...this.#parts, ...parts });
  }

  /** With these arguments. */
  running(...flags: string[]): Cache {
    return this.#with({ command: ['memcached', ...flags] });
  }

  /** Started by a shell. */
  startedBy(script: string): Cache {
    return this.#with({ command: ['sh', '-c', script] });
  }

  /** Merged into the memcached container. */
  container(container: JsonObject): Cache {
    return this.#with({ container: { ...this.#parts.container, ...container } });
  }

  /** Merged into the pods' spec. */
  pod(pod: JsonObject): Cache {
    return this.#with({ pod: { ...this.#parts.pod, ...pod } });
  }

  /** Merged into the workload's spec. */
  spec(spec: JsonObject): Cache {
    return this.#with({ spec: { ...this.#parts.spec, ...spec } });
  }

  as(kind: Parts['kind']): Cache {
    return this.#with({ kind });
  }

  /** Other objects of the namespace. */
  beside(...objects: JsonObject[]): Cache {
    return this.#with({ beside: [...this.#parts.beside, ...objects] });
  }

  /** A Service that selects the pods. */
  behind(spec: JsonObject): Cache {
    const ports = [{ name: 'memcached', port: 11211, targetPort: 'memcached' }];
    const metadata = { name: NAME };
    return this.beside({
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: LABELS, ports, ...spec },
    });
  }

  /**
   * A container of the same pod that runs a script of a shell which talks to memcached at 127.0.0.1. The pod is
   * ready once the script has made /tmp/done.
   */
  usedBy(script: string): Cache {
    return this.#with({ client: script });
  }

  /** Nobody waits for it. */
  neverReady(): Cache {
    return this.#with({ isReady: false });
  }

  get release(): PlainRelease {
    const { kind, command, container, pod, spec, client, beside, isReady } = this.#parts;
    const image = this.#cluster.images.memcached;
    const requests = { cpu: '1m', memory: '8Mi' };
    const containers: JsonObject[] = [
      {
        name: 'memcached',
        image,
        command,
        ports: [{ name: 'memcached', containerPort: 11211 }],
        readinessProbe: { tcpSocket: { port: 'memcached' }, periodSeconds: 1 },
        resources: { requests },
        ...container,
      },
    ];
    if (client !== undefined) {
      containers.push({
        name: 'client',
        image: this.#cluster.images.toolbox ?? image,
        command: [
          'sh',
          '-c',
          `until nc -w 1 127.0.0.1 11211 </dev/null; do sleep 0.2; done\n${client}\nexec sleep 600`,
        ],
        readinessProbe: { exec: { command: ['test', '-f', '/tmp/done'] }, periodSeconds: 1 },
        resources: { requests },
      });
    }
    const isSet = kind === 'StatefulSet';
    const workload: JsonObject = {
      apiVersion: 'apps/v1',
      kind,
      metadata: { name: NAME, labels: LABELS },
      spec: {
        ...(kind === 'DaemonSet' ? {} : { replicas: 1 }),
        ...(isSet ? { serviceName: NAME, podManagementPolicy: 'Parallel' } : {}),
        selector: { matchLabels: LABELS },
        template: {
          metadata: { labels: LABELS },
          spec: { terminationGracePeriodSeconds: 1, containers, ...pod },
        },
        ...spec,
      },
    };
    const ready = isReady ? { ready: `${kind.toLowerCase()}/${NAME}` } : {};
    return { name: NAME, objects: [...beside, workload], ...ready };
  }
}

interface Parts {
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  command: string[];
  container: JsonObject;
  pod: JsonObject;
  spec: JsonObject;
  client: string | undefined;
  beside: JsonObject[];
  isReady: boolean;
}

/** `applied(cluster, aCache(cluster).running('-m', '8', '-A').release)` */
export function aCache(cluster: TestCluster): Cache {
  return new Cache(cluster, {
    kind: 'Deployment',
    command: ['memcached', '-m', '16'],
    container: {},
    pod: {},
    spec: {},
    client: undefined,
    beside: [],
    isReady: true,
  });
}
