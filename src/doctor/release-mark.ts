import type { ObjectRef } from '../model/kubernetes/object.ts';

/** Stands for a release in a finding's `about`, where causes and consequences meet; no object of the cluster. */
export function releaseMark({ namespace, name }: { namespace: string; name: string }): ObjectRef {
  return { apiVersion: '', kind: 'Release', namespace, name };
}
