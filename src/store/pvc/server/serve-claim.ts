import { createServer, type Socket } from 'node:net';
import { ToolError } from '../../../errors/tool-error.ts';
import { ClaimFolder } from './claim-folder.ts';
import { type Admission, serveConnection } from './connection.ts';

/** Connections at once. The command that started the pod has one; those that it lost may not be known to have ended. */
const MAX_CONNECTIONS = 100;

export interface ServeOptions extends Admission {
  /** The folder of the store. */
  root: string;
  /** Of 127.0.0.1; 0: any. */
  port: number;
  /** It ends when nobody has come for so long, milliseconds. */
  firstMs: number;
  /** It ends when nobody has been connected any more for so long, milliseconds. */
  idleMs: number;
  /** It ends then too, when what is in hand is done. */
  signal: AbortSignal;
  /** Told the port, once clients can connect. */
  onListening?: (port: number) => void;
}

/**
 * Serves a store in a folder to clients that come over a port-forward: on 127.0.0.1 alone, so that nobody reaches it over
 * the network of the cluster.
 * @returns when nobody has been connected for some time, or the signal came.
 * @throws ToolError where the port is taken.
 */
export async function serveClaim({
  root,
  port,
  firstMs,
  idleMs,
  signal,
  ...options
}: ServeOptions): Promise<void> {
  const folder = new ClaimFolder(root);
  const serving = new Set<Promise<void>>();
  const sockets = new Set<Socket>();
  const { promise: idle, resolve: endIdle } = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const watch = (ms: number): void => {
    clearTimeout(timer);
    if (serving.size === 0 && !isOver) timer = setTimeout(endIdle, ms);
  };
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    // Whoever does not speak the protocol is not answered.
    const served = serveConnection(socket, folder, options)
      .catch(() => {})
      .finally(() => {
        sockets.delete(socket);
        serving.delete(served);
        watch(idleMs);
      });
    serving.add(served);
    watch(idleMs);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new ToolError(`can't listen on port ${port}: ${cause.message}`, { cause })),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  options.onListening?.(typeof address === 'object' && address !== null ? address.port : port);
  watch(firstMs);
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([idle, stopped]);
  isOver = true;
  clearTimeout(timer);
  server.close();
  for (const socket of sockets) socket.destroy();
  await Promise.all(serving);
}
