import { rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { flatKubeconfig, writeKubeconfig } from './kubeconfig.ts';

/** The API server seen from far away. */
export interface LatencyProxy extends AsyncDisposable {
  /** The kubeconfig that leads through the proxy. */
  kubeconfig: string;
}

/**
 * Passes TCP through to the API server and delays what it passes by `delayMs` in each direction. TLS goes
 * end to end, so client certificates work. Opening a connection is not delayed.
 */
export async function latencyProxy(
  kubectl: string,
  kubeconfig: string,
  delayMs: number,
): Promise<LatencyProxy> {
  const config = await flatKubeconfig(kubectl, kubeconfig);
  const cluster = config.clusters[0]?.cluster;
  if (cluster === undefined) throw new Error(`${kubeconfig} has no cluster`);
  const target = new URL(cluster.server);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port || 443), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    }
    delayed(near, far, delayMs);
    delayed(far, near, delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const path = writeKubeconfig(config, {
    // The certificate names the server, not the proxy.
    ...(target.hostname === '127.0.0.1' ? {} : { 'tls-server-name': target.hostname }),
    ...cluster,
    server: `https://127.0.0.1:${port}`,
  });
  return {
    kubeconfig: path,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(path, { force: true });
    },
  };
}

/** Timers of one length fire in the order in which they were set, so the bytes stay in order. */
function delayed(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), delayMs));
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('close', () => setTimeout(() => to.destroySoon(), delayMs));
}
