import { type Advice, advice } from '../advice/advice.ts';
import { kubectl, placeholder } from '../advice/command.ts';
import { UsageError } from '../errors/tool-error.ts';
import { assertNamespaceName } from '../model/kubernetes/namespace-name.ts';
import type { ConnectionFlags } from './connection-flags.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from './kubeconfig.ts';

/** Which server to talk to, as whom, in which namespace: kubeconfig and flags put together. */
export interface Connection {
  server: string;
  cluster: KubeconfigCluster;
  user: KubeconfigUser;
  namespace: string;
  /** "in-cluster" for a pod's service account, "" where flags alone name the server. */
  contextName: string;
}

/** What a pod finds of its own service account; undefined outside a cluster. */
export interface InCluster {
  server: string;
  tokenFile: string;
  certificateAuthority: string;
  namespace: string | undefined;
}

/**
 * Puts the kubeconfig and the flags together as kubectl does (client-go, tools/clientcmd/client_config.go).
 * A pod's service account serves where no kubeconfig says anything.
 * @throws UsageError for a name the kubeconfig does not know, for what can't be a namespace, or where nothing
 *   names a server.
 */
export function resolveConnection(
  config: Kubeconfig,
  flags: ConnectionFlags,
  inCluster: InCluster | undefined,
): Connection {
  const { absent = [] } = config;
  const useInCluster = inCluster !== undefined && isEmpty(config) && flags.context === undefined;
  const contextName = useInCluster ? 'in-cluster' : (flags.context ?? config.currentContext);
  const context = useInCluster
    ? { cluster: '', user: '', namespace: inCluster.namespace }
    : pick(config.contexts, contextName, {
        what: 'context',
        absent,
        next: kubectl('config', 'get-contexts'),
      });
  const clusterName = flags.cluster ?? context?.cluster ?? '';
  const userName = flags.user ?? context?.user ?? '';
  const configured = useInCluster
    ? { server: inCluster.server, certificateAuthority: inCluster.certificateAuthority }
    : (pick(config.clusters, clusterName, {
        what: 'cluster',
        absent,
        next: kubectl('config', 'get-clusters'),
      }) ?? {});
  const known = useInCluster
    ? { tokenFile: inCluster.tokenFile }
    : (pick(config.users, userName, { what: 'user', absent, next: kubectl('config', 'get-users') }) ?? {});

  const namespace = flags.namespace || context?.namespace || 'default';
  assertNamespaceName(namespace);
  const cluster = overrideCluster(configured, flags);
  if (cluster.server === undefined) {
    throw new UsageError(`no cluster is configured: ${whyNone(absent)}`, {
      next: advice`${kubectl('config', 'get-contexts')}, then ${kubectl('config', 'use-context', placeholder('NAME'))}, or pass --kubeconfig or --context`,
    });
  }
  return {
    server: normalServer(cluster.server),
    cluster,
    user: overrideUser(known, flags),
    namespace,
    contextName,
  };
}

/** A file that is not there is named: the variable that names it may have been set long ago. */
function whyNone(absent: readonly string[]): string {
  return absent.length === 0 ? 'no kubeconfig names a server for the current context' : doNotExist(absent);
}

function doNotExist(paths: readonly string[]): string {
  return paths.length === 1
    ? `the kubeconfig ${paths[0]} does not exist`
    : `the kubeconfigs ${paths.join(' and ')} do not exist`;
}

function isEmpty(config: Kubeconfig): boolean {
  return config.contexts.size === 0 && config.clusters.size === 0 && config.users.size === 0;
}

/** The entry called `name`; undefined for the empty name, which means "not set". */
function pick<T>(
  entries: Map<string, T>,
  name: string,
  { what, absent, next }: { what: string; absent: readonly string[]; next: Advice },
): T | undefined {
  if (name === '') return undefined;
  const found = entries.get(name);
  if (found !== undefined) return found;
  const known = [...entries.keys()].map((key) => `"${key}"`);
  const why = [
    known.length === 0 ? `it names no ${what}` : `known: ${known.join(', ')}`,
    ...(absent.length === 0 ? [] : [doNotExist(absent)]),
  ];
  throw new UsageError(`the ${what} "${name}" is not in the kubeconfig (${why.join('; ')})`, { next });
}

function overrideCluster(cluster: KubeconfigCluster, flags: ConnectionFlags): KubeconfigCluster {
  const merged = { ...cluster };
  if (flags.server !== undefined) merged.server = flags.server;
  // --insecure-skip-tls-verify clears a CA of the kubeconfig, and --certificate-authority clears "skip".
  if (flags.insecureSkipTlsVerify === true || flags.certificateAuthority !== undefined) {
    delete merged.certificateAuthority;
    delete merged.certificateAuthorityData;
    merged.insecureSkipTlsVerify = flags.insecureSkipTlsVerify ?? false;
    if (flags.certificateAuthority !== undefined) merged.certificateAuthority = flags.certificateAuthority;
  }
  // Another --server makes the kubeconfig's expected name meaningless.
  if (flags.server !== undefined) delete merged.tlsServerName;
  if (flags.tlsServerName !== undefined) merged.tlsServerName = flags.tlsServerName;
  return merged;
}

function overrideUser(user: KubeconfigUser, flags: ConnectionFlags): KubeconfigUser {
  const merged = { ...user };
  if (flags.token !== undefined) {
    merged.token = flags.token;
    delete merged.tokenFile;
    delete merged.exec;
    delete merged.authProvider;
  }
  if (flags.clientCertificate !== undefined) {
    merged.clientCertificate = flags.clientCertificate;
    delete merged.clientCertificateData;
  }
  if (flags.clientKey !== undefined) {
    merged.clientKey = flags.clientKey;
    delete merged.clientKeyData;
  }
  if (flags.as !== undefined) merged.as = flags.as;
  if (flags.asUid !== undefined) merged.asUid = flags.asUid;
  if (flags.asGroups.length > 0) merged.asGroups = flags.asGroups;
  if (Object.keys(flags.asUserExtra).length > 0) merged.asUserExtra = flags.asUserExtra;
  return merged;
}

/** client-go takes "host:port" for http://host:port (rest.DefaultServerURL); a final "/" is dropped. */
function normalServer(server: string): string {
  const withScheme = /^https?:\/\//i.test(server) ? server : `http://${server}`;
  if (!URL.canParse(withScheme)) {
    throw new UsageError(`"${server}" is not the URL of a server`, {
      next: kubectl('config', 'view', '--minify'),
    });
  }
  return withScheme.replace(/\/+$/, '');
}
