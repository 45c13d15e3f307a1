import type { PermissionRule } from './command-permissions.ts';

/**
 * What it takes to reach a store on a claim through a pod (src/store/pvc/pod/claim-door.ts), whatever the command does there.
 * A process in a pod that mounts the claim only gets its own pod.
 */
export function claimStoreRules({
  namespace,
  claim,
}: {
  namespace: string;
  claim: string;
}): PermissionRule[] {
  const core = { namespace, apiGroups: [''] };
  return [
    {
      ...core,
      resources: ['persistentvolumeclaims'],
      resourceNames: [claim],
      verbs: ['get'],
      why: "the store's claim: whether it is there, and how it may be mounted",
    },
    {
      ...core,
      resources: ['pods'],
      verbs: ['list'],
      why: "on which node the store's claim is mounted, and pods of killed commands",
    },
    {
      ...core,
      resources: ['pods'],
      verbs: ['create', 'get', 'delete'],
      why: "the short-lived pod that mounts the store's claim; in a pod that mounts it, get alone",
    },
    {
      ...core,
      resources: ['pods/portforward'],
      verbs: ['get', 'create'],
      why: 'the way to that pod',
    },
    {
      ...core,
      resources: ['events'],
      verbs: ['list'],
      optional: true,
      why: 'why that pod does not start',
    },
  ];
}
