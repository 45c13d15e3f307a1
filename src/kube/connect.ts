import { readCa } from './agent.ts';
import type { KubeClient } from './client.ts';
import { resolveConnection } from './connection.ts';
import type { ConnectionFlags } from './connection-flags.ts';
import { Cutoff } from './cutoff.ts';
import { findInCluster } from './in-cluster.ts';
import { loadKubeconfig } from './kubeconfig-files.ts';
import { PortForwarder } from './port-forward.ts';
import { Rest } from './rest.ts';
import { RestKubeClient } from './rest-client.ts';
import { Sessions } from './session.ts';

/** Without --request-timeout: long enough for a slow link, short enough for a person. */
const DEFAULT_TIMEOUT_MS = 30_000;

export interface ConnectOptions {
  env?: NodeJS.ProcessEnv;
  /** Each warning of the API server, once. */
  onWarning?: (text: string) => void;
  /** What the server's audit log shows: "memcached-backup/0.1.0". */
  userAgent?: string;
  /** Aborted on Ctrl-C or SIGTERM: requests then have a short time left. */
  signal?: AbortSignal;
  /** Waits between attempts; tests replace it. */
  wait?: (ms: number) => Promise<unknown>;
}

/**
 * The client for the cluster that kubeconfig, environment and flags name. Nothing is sent yet.
 * @throws UsageError where they do not fit together, ToolError where a credential file can't be read.
 */
export async function connectKube(flags: ConnectionFlags, options: ConnectOptions = {}): Promise<KubeClient> {
  const env = options.env ?? process.env;
  const [config, inCluster] = await Promise.all([
    loadKubeconfig(flags.kubeconfig, env),
    findInCluster(env),
    // Loaded while the files are read. From then on a thread of Node's parses the bundled root certificates, for which whoever makes a
    // context waits, whatever CA it names.
    import('node:tls'),
  ]);
  const connection = resolveConnection(config, flags, inCluster);
  const { server, contextName, namespace } = connection;
  const target = { server, contextName, userAgent: options.userAgent ?? 'memcached-backup' };
  const sessions = new Sessions(connection, env);
  const ca = await readCa(connection);
  const cutoff = new Cutoff(options.signal);
  const rest = new Rest(sessions, {
    ...target,
    timeoutMs: flags.requestTimeoutMs === 0 ? undefined : (flags.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS),
    onWarning: options.onWarning ?? (() => {}),
    cutoff,
    ...(options.wait === undefined ? {} : { wait: options.wait }),
  });
  return new RestKubeClient(
    { namespace, contextName, server, ca },
    rest,
    new PortForwarder(sessions, { ...target, cutoff }),
    () => void sessions.close(),
  );
}
