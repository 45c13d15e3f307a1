/** A release that a finding is about, and what commands about it need. */
export interface AdvisedRelease {
  namespace: string;
  name: string;
  /** "kubectl memcached-backup" */
  invocation: string;
  /** " --store DIR", or "" for the default store. */
  store: string;
}

/** `verify cart -n shop --store DIR`, as the user calls us, with further words. */
export function commandAbout(
  { invocation, name, namespace, store }: AdvisedRelease,
  command: string,
  ...words: string[]
): string {
  return [`${invocation} ${command} ${name} -n ${namespace}${store}`, ...words].join(' ');
}

export function releaseOf({ namespace, name }: AdvisedRelease): { namespace: string; name: string } {
  return { namespace, name };
}
