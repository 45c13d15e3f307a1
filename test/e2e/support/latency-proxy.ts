import { rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { flatKubeconfig, writeKubeconfig } from './kubeconfig.ts';

/** The API server seen from far away. */
export interface LatencyProxy extends AsyncDisposable {
  /** The kubeconfig that leads through the proxy. */
  kubeconfig: string;
}

/** A server seen from far away, on 127.0.0.1. */
export interface DistantPort extends AsyncDisposable {
  port: number;
}

/** Passes TCP through to a server and delays what it passes by `delayMs` in each direction. Opening a connection is not delayed. */
export async function distantPort(
  target: { host: string; port: number },
  delayMs: number,
): Promise<DistantPort> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target.port, target.host);
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    }
    delayed(near, far, delayMs);
    delayed(far, near, delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The API server as {@link distantPort} shows it. TLS goes end to end, so client certificates work. */
export async function latencyProxy(
  kubectl: string,
  kubeconfig: string,
  delayMs: number,
): Promise<LatencyProxy> {
  const config = await flatKubeconfig(kubectl, kubeconfig);
  const cluster = config.clusters[0]?.cluster;
  if (cluster === undefined) throw new Error(`${kubeconfig} has no cluster`);
  const target = new URL(cluster.server);
  const distant = await distantPort({ host: target.hostname, port: Number(target.port || 443) }, delayMs);
  const path = writeKubeconfig(config, {
    // The certificate names the server, not the proxy.
    ...(target.hostname === '127.0.0.1' ? {} : { 'tls-server-name': target.hostname }),
    ...cluster,
    server: `https://127.0.0.1:${distant.port}`,
  });
  return {
    kubeconfig: path,
    [Symbol.asyncDispose]: async () => {
      await distant[Symbol.asyncDispose]();
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
