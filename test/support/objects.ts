import { cloneJson, isObject, type Json, type JsonObject } from '../../src/model/json/json.ts';
import type { KubeObject } from '../../src/model/kubernetes/object.ts';

export const NAMESPACE = 'shop';

/** An object in the making. Each step gives a new one, so that a fixture can be shared and varied. */
export class Fixture {
  readonly object: KubeObject;

  constructor(object: KubeObject) {
    this.object = object;
  }

  /** Merges objects; anything else, lists included, is replaced. */
  with(changes: JsonObject): Fixture {
    return new Fixture(merged(this.object, changes) as KubeObject);
  }

  without(...path: string[]): Fixture {
    const object = cloneJson(this.object);
    let parent: Json | undefined = object;
    for (const step of path.slice(0, -1)) parent = isObject(parent) ? parent[step] : undefined;
    if (isObject(parent)) delete parent[path.at(-1)!];
    return new Fixture(object);
  }

  annotated(annotations: Record<string, string>): Fixture {
    return this.with({ metadata: { annotations } });
  }

  labelled(labels: Record<string, string>): Fixture {
    return this.with({ metadata: { labels } });
  }

  /** What the server and its controllers add to an object that is there. */
  served(resourceVersion = '100'): Fixture {
    const metadata = this.object.metadata as JsonObject;
    return this.with({
      metadata: {
        uid: `uid-of-${String(this.object.kind)}-${String(metadata.name)}`,
        resourceVersion,
        generation: 1,
        creationTimestamp: '2026-11-22T10:00:00Z',
      },
    });
  }

  /** One more entry of managedFields: `fields` as in fieldsV1. */
  ownedBy(manager: string, fields: JsonObject, more: JsonObject = {}): Fixture {
    const before = (this.object.metadata as JsonObject).managedFields ?? [];
    const entry = {
      manager,
      operation: 'Apply',
      apiVersion: this.object.apiVersion!,
      time: '2026-11-22T10:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: fields,
      ...more,
    };
    return this.with({ metadata: { managedFields: [...(before as Json[]), entry] } });
  }
}

export function anObject(apiVersion: string, kind: string, name: string, namespace = NAMESPACE): Fixture {
  return new Fixture({ apiVersion, kind, metadata: { name, namespace } });
}

/** A memcached Deployment of two replicas, complete and available. */
export function aDeployment(name: string): Fixture {
  return anObject('apps/v1', 'Deployment', name).with({
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [aContainer()] },
      },
    },
    status: {
      observedGeneration: 1,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    },
  });
}

export function aContainer(changes: JsonObject = {}): JsonObject {
  return {
    name: 'memcached',
    image: 'memcached:1.6.39',
    args: ['-m', '64', '-c', '1024'],
    ports: [{ containerPort: 11211, name: 'memcache', protocol: 'TCP' }],
    ...changes,
  };
}

/** The same workload whose memcached container is changed. */
export function withContainer(workload: Fixture, changes: JsonObject): Fixture {
  return workload.with({ spec: { template: { spec: { containers: [aContainer(changes)] } } } });
}

export function aService(name: string): Fixture {
  return anObject('v1', 'Service', name).with({
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.0.7',
      clusterIPs: ['10.96.0.7'],
      selector: { app: name },
      ports: [{ name: 'memcache', port: 11211, protocol: 'TCP', targetPort: 'memcache' }],
    },
  });
}

export function aConfigMap(
  name: string,
  data: Record<string, string> = { 'memcached.conf': '-m 64\n' },
): Fixture {
  return anObject('v1', 'ConfigMap', name).with({ data });
}

/** @param data plain values; they are encoded here. */
export function aSecret(name: string, data: Record<string, string>, type = 'Opaque'): Fixture {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return anObject('v1', 'Secret', name).with({ type, data: Object.fromEntries(encoded) as JsonObject });
}

export function aServiceAccount(name: string): Fixture {
  return anObject('v1', 'ServiceAccount', name);
}

export function aClaim(name: string): Fixture {
  return anObject('v1', 'PersistentVolumeClaim', name).with({
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeName: 'pv-1' },
  });
}

export function anAutoscaler(name: string, deployment: string): Fixture {
  return anObject('autoscaling/v2', 'HorizontalPodAutoscaler', name).with({
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
      minReplicas: 2,
      maxReplicas: 5,
    },
  });
}

export function controlledBy(owner: KubeObject): JsonObject {
  const { name, uid } = owner.metadata as JsonObject;
  return {
    apiVersion: owner.apiVersion!,
    kind: owner.kind!,
    name: name!,
    uid: uid!,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The ReplicaSet of a Deployment's revision, and its ready pods. */
export function aReplicaSet(deployment: KubeObject, revision = 1): Fixture {
  const { name } = deployment.metadata as JsonObject;
  return anObject('apps/v1', 'ReplicaSet', `${String(name)}-${revision}`)
    .served()
    .with({
      metadata: {
        annotations: { 'deployment.kubernetes.io/revision': String(revision) },
        ownerReferences: [controlledBy(deployment)],
      },
    });
}

export function aPod(name: string, owner: KubeObject): Fixture {
  return anObject('v1', 'Pod', name)
    .served()
    .with({
      metadata: { ownerReferences: [controlledBy(owner)] },
      spec: { containers: [aContainer()] },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [{ name: 'memcached', imageID: 'memcached@sha256:abc' }],
      },
    });
}

function merged(base: Json | undefined, changes: Json): Json {
  if (!isObject(base) || !isObject(changes)) return cloneJson(changes);
  const result = cloneJson(base);
  for (const [key, value] of Object.entries(changes)) result[key] = merged(result[key], value);
  return result;
}
