import { dirname, isAbsolute, join, sep } from 'node:path';
import { kubectl } from '../advice/command.ts';
import { UsageError } from '../errors/tool-error.ts';
import {
  type ExecConfig,
  emptyKubeconfig,
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigContext,
  type KubeconfigUser,
} from './kubeconfig.ts';

/** Parsed YAML with every scalar as text; or the line where it is no YAML, or by which measure it is more than is read. */
export type ParsedYaml = { value: unknown } | { errorLine: number } | { beyond: string };

/**
 * Reads one kubeconfig file (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/).
 * Entries without a name are left out, as clientcmd does; relative paths are taken from the file's folder.
 * @throws UsageError where the file is not YAML, not a mapping, or larger than KUBECONFIG_LIMITS.
 */
export function readKubeconfig(parsed: ParsedYaml, path: string): Kubeconfig {
  const next = kubectl('config', 'view', '--kubeconfig', path);
  // Only the line: the parser's own message quotes the file, which may hold credentials.
  if ('errorLine' in parsed) {
    throw new UsageError(`the kubeconfig ${path} is not YAML (line ${parsed.errorLine})`, { next });
  }
  if ('beyond' in parsed) throw new UsageError(`the kubeconfig ${path} is too large: ${parsed.beyond}`);
  const document = parsed.value;
  if (isAbsent(document)) return emptyKubeconfig();
  if (!isMap(document)) throw new UsageError(`the kubeconfig ${path} is not a mapping`, { next });
  const folder = dirname(path);
  return {
    currentContext: textOf(document['current-context']) ?? '',
    clusters: named(document.clusters, 'cluster', (value) => clusterOf(value, folder)),
    users: named(document.users, 'user', (value) => userOf(value, folder)),
    contexts: named(document.contexts, 'context', contextOf),
  };
}

function clusterOf(value: YamlMap, folder: string): KubeconfigCluster {
  return present({
    server: textOf(value.server),
    certificateAuthority: pathIn(folder, value['certificate-authority']),
    certificateAuthorityData: textOf(value['certificate-authority-data']),
    insecureSkipTlsVerify: flag(value['insecure-skip-tls-verify']),
    tlsServerName: textOf(value['tls-server-name']),
    proxyUrl: textOf(value['proxy-url']),
  });
}

function userOf(value: YamlMap, folder: string): KubeconfigUser {
  return present({
    clientCertificate: pathIn(folder, value['client-certificate']),
    clientCertificateData: textOf(value['client-certificate-data']),
    clientKey: pathIn(folder, value['client-key']),
    clientKeyData: textOf(value['client-key-data']),
    token: textOf(value.token),
    tokenFile: pathIn(folder, value.tokenFile),
    username: textOf(value.username),
    password: textOf(value.password),
    as: textOf(value.as),
    asUid: textOf(value['as-uid']),
    asGroups: Array.isArray(value['as-groups']) ? texts(value['as-groups']) : undefined,
    asUserExtra: isMap(value['as-user-extra'])
      ? Object.fromEntries(Object.entries(value['as-user-extra']).map(([key, list]) => [key, texts(list)]))
      : undefined,
    exec: isMap(value.exec) ? execOf(value.exec, folder) : undefined,
    authProvider: isMap(value['auth-provider']) ? authProviderOf(value['auth-provider']) : undefined,
  });
}

function execOf(value: YamlMap, folder: string): ExecConfig {
  const command = textOf(value.command) ?? '';
  const env = Array.isArray(value.env) ? value.env.filter(isMap) : [];
  return {
    ...present({ installHint: textOf(value.installHint) }),
    apiVersion: textOf(value.apiVersion) ?? '',
    // A command with a folder in it is relative to the kubeconfig; a bare name is looked up on PATH.
    command: command.includes(sep) ? (pathIn(folder, command) ?? '') : command,
    args: texts(value.args),
    env: env.map((entry) => ({ name: textOf(entry.name) ?? '', value: textOf(entry.value) ?? '' })),
    provideClusterInfo: flag(value.provideClusterInfo) ?? false,
  };
}

function authProviderOf(value: YamlMap): { name: string; config: Record<string, string> } {
  const config = isMap(value.config) ? Object.entries(value.config) : [];
  return {
    name: textOf(value.name) ?? '',
    config: Object.fromEntries(config.map(([key, item]) => [key, textOf(item) ?? ''])),
  };
}

function contextOf(value: YamlMap): KubeconfigContext {
  return {
    ...present({ namespace: textOf(value.namespace) }),
    cluster: textOf(value.cluster) ?? '',
    user: textOf(value.user) ?? '',
  };
}

type YamlMap = Record<string, unknown>;

function named<T>(list: unknown, key: string, read: (value: YamlMap) => T): Map<string, T> {
  const entries = new Map<string, T>();
  for (const entry of Array.isArray(list) ? list.filter(isMap) : []) {
    const name = textOf(entry.name);
    const value = entry[key];
    if (name !== undefined && !entries.has(name)) entries.set(name, read(isMap(value) ? value : {}));
  }
  return entries;
}

function isMap(value: unknown): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As text, YAML's null is one of these words. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === 'null' || value === '~';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && !isAbsent(value) ? value : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function flag(value: unknown): boolean | undefined {
  const word = textOf(value);
  return word === undefined ? undefined : word.toLowerCase() === 'true';
}

function pathIn(folder: string, value: unknown): string | undefined {
  const path = textOf(value);
  return path === undefined || isAbsolute(path) ? path : join(folder, path);
}

/** The entries that have a value: with exactOptionalPropertyTypes "absent" and "undefined" differ. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
