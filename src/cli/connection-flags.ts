import { UsageError } from '../errors/tool-error.ts';
import type { ConnectionFlags } from '../kube/connection-flags.ts';
import { shellWord } from '../store/advice.ts';
import { parseDuration } from './duration.ts';
import type { Flag } from './flag.ts';
import type { FlagValues } from './flag-values.ts';

/**
 * The flags with which kubectl reaches a cluster (k8s.io/cli-runtime/pkg/genericclioptions, ConfigFlags), in
 * its words.
 */
export const CONNECTION_FLAGS: readonly Flag[] = [
  text('namespace', 'Namespace of the release (default: that of the context)', 'n'),
  text('context', 'Name of the kubeconfig context to use'),
  text('kubeconfig', 'Path to the kubeconfig file'),
  text('cluster', 'Name of the kubeconfig cluster to use'),
  text('user', 'Name of the kubeconfig user to use'),
  text('server', 'Address and port of the Kubernetes API server', 's'),
  text('token', 'Bearer token for authentication to the API server'),
  text('as', 'Username to impersonate; may be a regular user or a service account'),
  { name: 'as-group', type: 'list', describe: 'Group to impersonate; can be repeated' },
  text('as-uid', 'UID to impersonate'),
  {
    name: 'as-user-extra',
    type: 'list',
    describe: 'Extra of the user to impersonate, KEY=VALUE; can be repeated',
  },
  text('certificate-authority', 'Path to a cert file for the certificate authority'),
  text('client-certificate', 'Path to a client certificate file for TLS'),
  text('client-key', 'Path to a client key file for TLS'),
  text('tls-server-name', "Name expected in the server's certificate"),
  {
    name: 'insecure-skip-tls-verify',
    type: 'boolean',
    describe: "Do not check the server's certificate: connections are then insecure",
  },
  text('request-timeout', 'Time to wait for a single request, such as 30s; 0 means no limit'),
  // kubectl users have these in aliases and scripts; they change nothing here.
  { ...text('cache-dir', 'Default cache directory'), hidden: true },
  { name: 'disable-compression', type: 'boolean', describe: 'Do not compress responses', hidden: true },
];

function text(name: string, describe: string, short?: string): Flag {
  return { name, type: 'string', describe, ...(short === undefined ? {} : { short }) };
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
 * The flags that lead to the same cluster as the same user, as words of a shell's command line, for a command that is
 * advised: pasted without them it would be about another cluster. Not the token, which is a secret; nor the namespace,
 * which advice names where it matters.
 */
export function connectionWords(flags: ConnectionFlags): string[] {
  const { asGroups, asUserExtra, insecureSkipTlsVerify } = flags;
  const named: [string, string | undefined][] = [
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
  ];
  const words = named.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`--${name}`, shellWord(value)],
  );
  return insecureSkipTlsVerify === true ? [...words, '--insecure-skip-tls-verify'] : words;
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
