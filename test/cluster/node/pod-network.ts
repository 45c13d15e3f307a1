import { createServer, type IncomingMessage, type Server } from 'node:http';
import { BlockList, connect } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * The way from this machine to what runs in the box: HTTP CONNECT (RFC 9110, section 9.3.6) on a Unix socket, to
 * addresses of the given networks alone ("10.0.0.0/8"). A Unix socket is a file: it knows no network namespaces, takes
 * no port of this machine, and goes away with the folder that it lies in. Answers 200, 403 where the address is not of
 * these networks, or 502 and the error's code as reason ("ECONNREFUSED").
 */
export function servePodNetwork(socket: string, networks: readonly string[]): Server {
  const allowed = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    allowed.addSubnet(address, Number(prefix));
  }
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request: IncomingMessage, outside: Duplex, head: Buffer) => {
    const [host = '', port] = (request.url ?? '').split(':');
    const refuse = (status: number, reason: string) =>
      outside.end(`HTTP/1.1 ${status} ${reason}\r\nContent-Length: 0\r\n\r\n`);
    outside.on('error', () => {});
    if (!allowed.check(host)) return void refuse(403, 'Forbidden');
    const inside = connect({ host, port: Number(port), noDelay: true });
    let isOpen = false;
    inside.once('connect', () => {
      isOpen = true;
      outside.write('HTTP/1.1 200 OK\r\n\r\n');
      inside.write(head);
      inside.pipe(outside).pipe(inside);
    });
    inside.on('error', (error: NodeJS.ErrnoException) => {
      if (isOpen) outside.destroy();
      else refuse(502, error.code ?? 'Failed');
    });
    outside.on('close', () => inside.destroy());
  });
  server.listen(socket);
  return server;
}
