import { UsageError } from '../errors/tool-error.ts';
import type { ConnectionFlags } from '../kube/connection-flags.ts';
import { given } from './connection-flags.ts';
import type { Flag } from './flag.ts';

/**
 * The connection Helm itself would use. Helm takes its own global flags off the command line and tells
 * plugins by environment (helm.sh/helm/v3/pkg/cli, EnvSettings.EnvVars).
 */
export function helmConnection(env: NodeJS.ProcessEnv): ConnectionFlags {
  return {
    ...given({
      namespace: env.HELM_NAMESPACE || undefined,
      context: env.HELM_KUBECONTEXT || undefined,
      token: env.HELM_KUBETOKEN || undefined,
      as: env.HELM_KUBEASUSER || undefined,
      server: env.HELM_KUBEAPISERVER || undefined,
      certificateAuthority: env.HELM_KUBECAFILE || undefined,
      tlsServerName: env.HELM_KUBETLS_SERVER_NAME || undefined,
    }),
    ...(isTrue(env.HELM_KUBEINSECURE_SKIP_TLS_VERIFY) ? { insecureSkipTlsVerify: true } : {}),
    // Helm hands the groups on twice.
    asGroups: [...new Set((env.HELM_KUBEASGROUPS ?? '').split(',').filter((group) => group !== ''))],
    asUserExtra: {},
  };
}

/**
 * Helm looks for its own -n also among letters that are meant for the plugin: `-ojson my-memcached` makes
 * "my-memcached" the namespace, `-oname` makes it "ame" (it parses the whole line once with unknown flags
 * skipped, helm.sh/helm/v3/cmd/helm, newRootCmd). Which namespace was meant is lost by then.
 * @throws UsageError where the namespace that Helm names may come from such letters.
 */
export function assertNamespaceMeant(argv: readonly string[], env: NodeJS.ProcessEnv): void {
  const end = argv.indexOf('--');
  for (const [index, token] of argv.slice(0, end < 0 ? argv.length : end).entries()) {
    // A letter with "=" ends Helm's search in this argument; -nX alone is passed on and is what it seems.
    const letters = /^-([a-mo-zA-Z](?!=)[^n=]*)n=?(.*)$/.exec(token);
    if (letters === null) continue;
    const taken = letters[2] || argv[index + 1];
    if (taken !== undefined && taken === env.HELM_NAMESPACE) {
      throw new UsageError(`Helm reads ${token} as "-n ${taken}" too, so the namespace is not certain`, {
        next: 'put a space between a flag and its value: -o json',
      });
    }
  }
}

/** Go's strconv.ParseBool, with which Helm reads the same variable. */
function isTrue(text: string | undefined): boolean {
  return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text ?? '');
}

/**
 * Helm takes its flags off the line, but passes some on: those it meets in another form ("--debug=true"), or
 * that stand before the plugin's name. Those that mean the same as one of ours count as it; the others are
 * about chart registries and rate limits and change nothing here.
 */
export const HELM_FLAGS: readonly Flag[] = [
  meaning('kube-context', 'context'),
  meaning('kube-token', 'token'),
  meaning('kube-as-user', 'as'),
  meaning('kube-as-group', 'as-group'),
  meaning('kube-apiserver', 'server'),
  meaning('kube-ca-file', 'certificate-authority'),
  meaning('kube-tls-server-name', 'tls-server-name'),
  { ...meaning('kube-insecure-skip-tls-verify', 'insecure-skip-tls-verify'), type: 'boolean' },
  ...[
    'burst-limit',
    'qps',
    'color',
    'colour',
    'content-cache',
    'registry-config',
    'repository-cache',
    'repository-config',
  ].map((name) => meaning(name, name)),
];

function meaning(name: string, means: string): Flag {
  return { name, means, type: 'string', describe: "Helm's own", hidden: true };
}
