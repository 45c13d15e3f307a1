import { UsageError } from '../errors/tool-error.ts';
import type { ConnectionFlags } from '../kube/connection-flags.ts';
import { parseDuration } from './duration.ts';
import type { Flag } from './flag.ts';
import type { FlagValues } from './flag-values.ts';

/** The one of them that stands on each command's own page. */
export const NAMESPACE: Flag = {
  name: 'namespace',
  short: 'n',
  type: 'string',
  value: 'NAME',
  describe: "Namespace to look in (default: the context's)",
};

/**
 * The flags with which kubectl reaches a cluster (k8s.io/cli-runtime/pkg/genericclioptions, ConfigFlags), in
 * its words.
 */
export const CONNECTION_FLAGS: readonly Flag[] = [
  NAMESPACE,
  text('context', 'NAME', 'Context of the kubeconfig to use'),
  text('kubeconfig', 'FILE', 'Kubeconfig file to use (default: KUBECONFIG, else ~/.kube/config)'),
  text('cluster', 'NAME', 'Cluster of the kubeconfig to use'),
  text('user', 'NAME', 'User of the kubeconfig to use'),
  { ...text('server', 'URL', 'Address and port of the Kubernetes API server'), short: 's' },
  text('token', 'TOKEN', 'Bearer token for authentication to the API server'),
  text('as', 'USER', 'User to impersonate; a service account, too'),
  { ...text('as-group', 'GROUP', 'Group to impersonate (repeatable)'), type: 'list' },
  text('as-uid', 'UID', 'UID to impersonate'),
  {
    ...text('as-user-extra', 'KEY=VALUE', 'Extra of the user to impersonate (repeatable)'),
    type: 'list',
  },
  text('certificate-authority', 'FILE', 'Certificate of the certificate authority'),
  text('client-certificate', 'FILE', 'Client certificate for TLS'),
  text('client-key', 'FILE', 'Key of the client certificate'),
  text('tls-server-name', 'NAME', "Name expected in the server's certificate"),
  {
    name: 'insecure-skip-tls-verify',
    type: 'boolean',
    describe: "Do not check the server's certificate: connections are then insecure",
  },
  text('request-timeout', 'DURATION', 'Time to wait for a single request, such as 30s; 0 means no limit'),
  // kubectl users have these in aliases and scripts; they change nothing here.
  { ...text('cache-dir', 'DIR', 'Default cache directory'), hidden: true },
  { name: 'disable-compression', type: 'boolean', describe: 'Do not compress responses', hidden: true },
];

function text(name: string, value: string, describe: string): Flag {
  return { name, type: 'string', value, describe };
}

export const NO_CONNECTION_FLAGS: ConnectionFlags = { asGroups: [], asUserExtra: {} };

/**
 * Puts the flags over `defaults` (what Helm's environment says), one by one.
 * @throws UsageError for a value that can't be read.
 */
export function connectionFlags(values: FlagValues, defaults: ConnectionFlags): ConnectionFlags {
  const timeout = values.text('request-timeout');
  const groups = values.list('as-group');
  return {
    ...defaults,
    ...given({
      namespace: values.text('namespace'),
      context: values.text('context'),
      kubeconfig: values.text('kubeconfig'),
      cluster: values.text('cluster'),
      user: values.text('user'),
      server: values.text('server'),
      token: values.text('token'),
      as: values.text('as'),
      asUid: values.text('as-uid'),
      certificateAuthority: values.text('certificate-authority'),
      clientCertificate: values.text('client-certificate'),
      clientKey: values.text('client-key'),
      tlsServerName: values.text('tls-server-name'),
    }),
    ...(values.has('insecure-skip-tls-verify')
      ? { insecureSkipTlsVerify: values.isSet('insecure-skip-tls-verify') }
      : {}),
    ...(timeout === undefined ? {} : { requestTimeoutMs: parseDuration(timeout, 'request-timeout') }),
    asGroups: groups.length > 0 ? groups : defaults.asGroups,
    asUserExtra: userExtra(values.list('as-user-extra')),
  };
}

/**
 * The flags that lead to the same cluster as the same user, in kubectl's words, for a command that is advised: pasted
 * without them it would be about another cluster. Not the token, which is a secret; nor the namespace, which advice names
 * where it matters.
 */
export function connectionFlagWords(flags: ConnectionFlags): string[] {
  const { asGroups, asUserExtra, insecureSkipTlsVerify } = flags;
  const words = flagWords([
    ['kubeconfig', flags.kubeconfig],
    ['context', flags.context],
    ['cluster', flags.cluster],
    ['user', flags.user],
    ['server', flags.server],
    ['as', flags.as],
    ...asGroups.map((group): [string, string] => ['as-group', group]),
    ['as-uid', flags.asUid],
    ...Object.entries(asUserExtra).flatMap(([key, values]) =>
      values.map((value): [string, string] => ['as-user-extra', `${key}=${value}`]),
    ),
    ['certificate-authority', flags.certificateAuthority],
    ['client-certificate', flags.clientCertificate],
    ['client-key', flags.clientKey],
    ['tls-server-name', flags.tlsServerName],
  ]);
  return insecureSkipTlsVerify === true ? [...words, '--insecure-skip-tls-verify'] : words;
}

/**
 * The same in Helm's words (helm.sh/helm/v3/pkg/cli, EnvSettings.AddFlags). Of what Helm has no flag for, a context has to be
 * named that says it: Helm then knows none of that name, and goes to no other cluster.
 */
export function helmFlagWords(flags: ConnectionFlags): string[] {
  const { asGroups, asUserExtra, insecureSkipTlsVerify } = flags;
  const isBeyondHelm =
    [flags.cluster, flags.user, flags.asUid, flags.clientCertificate, flags.clientKey].some(
      (value) => value !== undefined && value !== '',
    ) || Object.keys(asUserExtra).length > 0;
  const words = flagWords([
    ['kubeconfig', flags.kubeconfig],
    ['kube-context', isBeyondHelm ? '<a context of this cluster and user>' : flags.context],
    ['kube-apiserver', flags.server],
    ['kube-as-user', flags.as],
    ...asGroups.map((group): [string, string] => ['kube-as-group', group]),
    ['kube-ca-file', flags.certificateAuthority],
    ['kube-tls-server-name', flags.tlsServerName],
  ]);
  return insecureSkipTlsVerify === true ? [...words, '--kube-insecure-skip-tls-verify'] : words;
}

function flagWords(named: readonly [string, string | undefined][]): string[] {
  return named.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`--${name}`, value]));
}

/** The entries that have a value: an absent field and an undefined one are different types. */
export function given<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string;
  };
}

/** "scopes=a", "scopes=b" → { scopes: ["a", "b"] }. */
function userExtra(pairs: readonly string[]): Record<string, string[]> {
  const extra: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new UsageError(`"${pair}" is not a value for --as-user-extra (expected KEY=VALUE)`);
    const key = pair.slice(0, equals);
    extra[key] = [...(extra[key] ?? []), pair.slice(equals + 1)];
  }
  return { ...extra };
}
