import { ApiError } from '../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { PackedObject } from '../../../src/kube/packed-object.ts';
import { builtInType } from '../../../src/kube/resource-types.ts';
import type { JsonObject } from '../../../src/model/json/json.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';

/** Kinds by apiVersion, as discovery answers. */
const SERVED: Record<string, string[]> = {
  '/api/v1': ['ConfigMap', 'Secret', 'Service', 'Namespace'],
  '/apis/apps/v1': ['Deployment'],
};

export interface StubOptions {
  served?: Record<string, string[]>;
  /** Objects that are there, apart from the namespace. */
  objects?: KubeObject[];
  /** Answers a dry run in the server's place. */
  refuse?: (object: KubeObject) => ApiError | undefined;
  /** Of every namespace. */
  uid?: string;
  /** Answers discovery in the server's place. */
  refuseDiscovery?: (path: string) => Error | undefined;
  /** Kinds that may not be listed. */
  unlisted?: string[];
}

/** A cluster with a namespace "shop" that takes everything. Only what `verify` asks is there. */
export function stubKube(options: StubOptions = {}): KubeClient {
  const { served = SERVED, objects = [], uid = '3f6c2a10-0f5e', unlisted = [] } = options;
  const { refuse, refuseDiscovery } = options;
  const write = (object: KubeObject): Promise<KubeObject> => {
    const refusal = refuse?.(object);
    return refusal === undefined ? Promise.resolve(object) : Promise.reject(refusal);
  };
  const stub: Partial<KubeClient> = {
    namespace: 'shop',
    contextName: 'stub',
    caDigest: undefined,
    raw: (path) => {
      const refusal = refuseDiscovery?.(path);
      if (refusal !== undefined) return Promise.reject(refusal);
      if (path === '/version') return Promise.resolve({ gitVersion: 'v1.34.4' });
      const kinds = served[path];
      if (kinds === undefined) return Promise.reject(apiError(404, 'NotFound', 'not found'));
      return Promise.resolve({ resources: kinds.map((kind) => ({ kind })) });
    },
    get: ({ kind, name }) =>
      Promise.resolve(
        kind === 'Namespace' ? { apiVersion: 'v1', kind, metadata: { name, uid } as JsonObject } : undefined,
      ),
    listAs: ({ kind, plural }, _options, keep) =>
      unlisted.includes(kind)
        ? Promise.reject(
            apiError(403, 'Forbidden', `User "u" cannot list resource "${plural}" in API group ""`),
          )
        : Promise.resolve(
            objects
              .filter((object) => object.kind === kind)
              .map((object) => keep(object, PackedObject.of(object))),
          ),
    resourceType: (apiVersion, kind) => Promise.resolve(builtInType(apiVersion, kind)),
    create: write,
    replace: write,
  };
  return stub as KubeClient;
}

export function apiError(status: number, reason: string, message: string): ApiError {
  return new ApiError({ status, reason, message }, { verb: 'create', group: '', resource: 'x' });
}
