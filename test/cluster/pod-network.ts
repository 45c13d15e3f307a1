import { request } from 'node:http';
import type { Duplex } from 'node:stream';

/** Nobody listens at an address in the cluster, or it is none of a pod or Service: "ECONNREFUSED", "Forbidden". */
export class NotConnected extends Error {}

/**
 * A connection to a pod or a Service, from outside of the cluster.
 * @param way of `TestCluster.podNetwork`
 * @throws NotConnected
 */
export function dial(way: string, host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: way, method: 'CONNECT', path: `${host}:${port}` });
    call.once('connect', ({ statusCode, statusMessage }, socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new NotConnected(`${host}:${port}: ${statusMessage}`));
    });
    call.once('error', reject);
    call.end();
  });
}
