import { mapLimited } from '../errors/map-limited.ts';
import { arrayAt, type JsonObject, valueAt } from '../model/json/json.ts';
import type { Permission } from '../model/permissions/command-permissions.ts';
import {
  allows,
  type PolicyRule,
  policyRules,
  type ServiceAccountRef,
} from '../model/permissions/rbac-rules.ts';
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
export function missingPermissions(
  kube: KubeClient,
  permissions: readonly Permission[],
): Promise<Permission[] | undefined> {
  return askEach(permissions, (permission) => isAllowed(kube, permission));
}

/**
 * The same for a service account (SubjectAccessReview), which takes the permission to create
 * subjectaccessreviews.
 * @returns undefined where one may not ask about others.
 */
export function missingPermissionsOf(
  kube: KubeClient,
  account: ServiceAccountRef,
  permissions: readonly Permission[],
): Promise<Permission[] | undefined> {
  return askEach(permissions, (permission) => isAllowed(kube, permission, account));
}

/** All rules that one has in a namespace, as the server puts them together. */
export interface OwnRules {
  rules: PolicyRule[];
  /** There are authorizers other than RBAC, which the list does not cover. */
  incomplete: boolean;
}

/** One answer a namespace, instead of one a permission (SelfSubjectRulesReview); undefined: there is none. */
export async function readOwnRules(kube: KubeClient, namespace: string): Promise<OwnRules | undefined> {
  try {
    const review = await kube.create(
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectRulesReview',
        metadata: {},
        spec: { namespace },
      },
      { fieldManager: 'memcached-backup' },
    );
    return {
      rules: policyRules(arrayAt(review, 'status', 'resourceRules')),
      incomplete: valueAt(review, 'status', 'incomplete') === true,
    };
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  }
}

/** As missingPermissions. What an incomplete list lacks, or where there is none, is asked one by one. */
export async function missingByRules(
  kube: KubeClient,
  own: OwnRules | undefined,
  permissions: readonly Permission[],
): Promise<Permission[] | undefined> {
  const missing =
    own === undefined ? permissions : permissions.filter((permission) => !allows(own.rules, permission));
  return own?.incomplete === false ? [...missing] : missingPermissions(kube, missing);
}

async function askEach(
  permissions: readonly Permission[],
  isHeld: (permission: Permission) => Promise<boolean>,
): Promise<Permission[] | undefined> {
  const questions = new Map(permissions.map((permission) => [keyOf(permission), permission]));
  const lacked = async (permission: Permission): Promise<Permission[]> =>
    (await isHeld(permission)) ? [] : [permission];
  try {
    return (await mapLimited([...questions.values()], AT_ONCE, lacked)).flat();
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  }
}

async function isAllowed(
  kube: KubeClient,
  permission: Permission,
  account?: ServiceAccountRef,
): Promise<boolean> {
  const { namespace, group, verb, name } = permission;
  const [resource = '', subresource] = permission.resource.split('/');
  const spec: JsonObject = {
    resourceAttributes: {
      group,
      resource,
      verb,
      ...(subresource === undefined ? {} : { subresource }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
    },
  };
  const kind = account === undefined ? 'SelfSubjectAccessReview' : 'SubjectAccessReview';
  if (account !== undefined) Object.assign(spec, subjectOf(account));
  const review = await kube.create(
    { apiVersion: 'authorization.k8s.io/v1', kind, metadata: {}, spec },
    { fieldManager: 'memcached-backup' },
  );
  return valueAt(review, 'status', 'allowed') === true;
}

/** As the API server itself knows a service account (Kubernetes, "Authenticating", service account tokens). */
function subjectOf({ namespace, name }: ServiceAccountRef): JsonObject {
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

function keyOf({ namespace, group, resource, verb, name }: Permission): string {
  return [namespace ?? '', group, resource, verb, name ?? ''].join('|');
}
