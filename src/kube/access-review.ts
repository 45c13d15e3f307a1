import { valueAt } from '../model/json.ts';
import type { Permission } from '../model/permissions.ts';
import { ApiError } from './api-error.ts';
import type { KubeClient } from './client.ts';

/** Questions under way at one time. */
const AT_ONCE = 16;

/**
 * Asks the API server of each permission whether one has it (SelfSubjectAccessReview, which every
 * authenticated user may send: Kubernetes, default ClusterRole system:basic-user).
 * @returns those that are missing, in the given order; undefined where the server does not answer such
 * questions.
 */
export async function missingPermissions(
  kube: KubeClient,
  permissions: readonly Permission[],
): Promise<Permission[] | undefined> {
  const questions = new Map(permissions.map((permission) => [keyOf(permission), permission]));
  const left = [...questions];
  const missing = new Set<string>();
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      if (!(await isAllowed(kube, next[1]))) missing.add(next[0]);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, left.length) }, worker));
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  }
  return [...questions].filter(([key]) => missing.has(key)).map(([, permission]) => permission);
}

async function isAllowed(kube: KubeClient, permission: Permission): Promise<boolean> {
  const { namespace, group, verb, name } = permission;
  const [resource = '', subresource] = permission.resource.split('/');
  const review = await kube.create(
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: {},
      spec: {
        resourceAttributes: {
          group,
          resource,
          verb,
          ...(subresource === undefined ? {} : { subresource }),
          ...(namespace === undefined ? {} : { namespace }),
          ...(name === undefined ? {} : { name }),
        },
      },
    },
    { fieldManager: 'memcached-backup' },
  );
  return valueAt(review, 'status', 'allowed') === true;
}

function keyOf({ namespace, group, resource, verb, name }: Permission): string {
  return [namespace ?? '', group, resource, verb, name ?? ''].join('|');
}
