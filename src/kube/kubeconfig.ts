import { dirname, isAbsolute, join, sep } from 'node:path';
import { UsageError } from '../errors/tool-error.ts';

/** A kubeconfig's `clusters[].cluster`. Paths are absolute. */
export interface KubeconfigCluster {
  server?: string;
  /** Path of a PEM file. */
  certificateAuthority?: string;
  /** base64 of PEM; wins over the file, as in client-go. */
  certificateAuthorityData?: string;
  insecureSkipTlsVerify?: boolean;
  tlsServerName?: string;
  proxyUrl?: string;
}

/** A kubeconfig's `users[].user`. Paths are absolute. Secret. */
export interface KubeconfigUser {
  clientCertificate?: string;
  clientCertificateData?: string;
  clientKey?: string;
  clientKeyData?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  as?: string;
  asUid?: string;
  asGroups?: string[];
  asUserExtra?: Record<string, string[]>;
  exec?: ExecConfig;
  authProvider?: { name: string; config: Record<string, string> };
}

/** A program that prints credentials (client.authentication.k8s.io, ExecCredential). */
export interface ExecConfig {
  apiVersion: string;
  command: string;
  args: string[];
  env: { name: string; value: string }[];
  installHint?: string;
  provideClusterInfo: boolean;
}

export interface KubeconfigContext {
  cluster: string;
  user: string;
  namespace?: string;
}

export interface Kubeconfig {
  currentContext: string;
  clusters: Map<string, KubeconfigCluster>;
  users: Map<string, KubeconfigUser>;
  contexts: Map<string, KubeconfigContext>;
}

export function emptyKubeconfig(): Kubeconfig {
  return { currentContext: '', clusters: new Map(), users: new Map(), contexts: new Map() };
}

/** Parses YAML so that every scalar stays the text it was written as: a token of digits is no number. */
export type ParseYamlAsText = (text: string) => unknown;

/**
 * Parses one kubeconfig file (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/).
 * Entries without a name are left out, as clientcmd does; relative paths are taken from the file's folder.
 * @throws UsageError where the file is not YAML or not a mapping.
 */
export function parseKubeconfig(text: string, path: string, parseYaml: ParseYamlAsText): Kubeconfig {
  let document: unknown;
  try {
    document = parseYaml(text);
  } catch (cause) {
    // The parser's message quotes lines of the file, which may hold credentials: only where it is wrong is said.
    const position = (cause as { linePos?: { line: number }[] }).linePos?.[0];
    throw new UsageError(`the kubeconfig ${path} is not YAML${position ? ` (line ${position.line})` : ''}`, {
      next: `KUBECONFIG=${path} kubectl config view`,
    });
  }
  if (isAbsent(document)) return emptyKubeconfig();
  if (!isMap(document)) {
    throw new UsageError(`the kubeconfig ${path} is not a mapping`, {
      next: `KUBECONFIG=${path} kubectl config view`,
    });
  }
  const folder = dirname(path);
  return {
    currentContext: textOf(document['current-context']) ?? '',
    clusters: named(document.clusters, 'cluster', (value) => clusterOf(value, folder)),
    users: named(document.users, 'user', (value) => userOf(value, folder)),
    contexts: named(document.contexts, 'context', contextOf),
  };
}

/**
 * Merges a KUBECONFIG list: the first file to name something wins
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files).
 */
export function mergeKubeconfigs(configs: Kubeconfig[]): Kubeconfig {
  const merged = emptyKubeconfig();
  for (const config of configs) {
    merged.currentContext ||= config.currentContext;
    addMissing(merged.clusters, config.clusters);
    addMissing(merged.users, config.users);
    addMissing(merged.contexts, config.contexts);
  }
  return merged;
}

function addMissing<T>(target: Map<string, T>, source: Map<string, T>): void {
  for (const [name, value] of source) if (!target.has(name)) target.set(name, value);
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
