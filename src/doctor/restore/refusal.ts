/** What stands behind the API server's refusal of a write that it was asked to try. */
export type RefusalCause =
  | 'permission'
  | 'quota'
  | 'pod-security'
  | 'admission'
  | 'webhook-down'
  | 'terminating'
  | 'unserved'
  | 'other';

/**
 * Tells refusals apart by the API server's own words: k8s.io/apiserver's authorization ("cannot create
 * resource"), the plugins ResourceQuota ("exceeded quota", "failed quota") and PodSecurity ("violates
 * PodSecurity"), webhooks ("admission webhook … denied the request", "failed calling webhook") and policies
 * ("ValidatingAdmissionPolicy … denied request"). Any other 403 comes from an admission plugin.
 */
export function causeOfRefusal({ status, message }: { status: number; message: string }): RefusalCause {
  if (/failed calling webhook|failed to call webhook/.test(message)) return 'webhook-down';
  if (/being terminated/.test(message)) return 'terminating';
  if (/admission webhook .* denied the request|ValidatingAdmissionPolicy .* denied request/s.test(message))
    return 'admission';
  if (status === 404 && /could not find the requested resource/.test(message)) return 'unserved';
  if (status !== 403) return 'other';
  if (/\bcannot \w+ resource\b|attempting to grant RBAC permissions/.test(message)) return 'permission';
  if (/exceeded quota|failed quota/.test(message)) return 'quota';
  if (/violates PodSecurity/.test(message)) return 'pod-security';
  return 'admission';
}
