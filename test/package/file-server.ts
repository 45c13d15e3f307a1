import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server on 127.0.0.1, of files by their path in its URLs. */
export interface FileServer extends AsyncDisposable {
  /** Without a slash at the end. */
  url: string;
  /** From "/path" to a file; what is missing here, or there, is answered with 404. */
  files: Map<string, string>;
  /** Paths whose answer begins and never ends. */
  stalled: Set<string>;
  /** The paths that were asked for by GET, in order. */
  asked: string[];
}

export async function startFileServer(): Promise<FileServer> {
  const files = new Map<string, string>();
  const stalled = new Set<string>();
  const asked: string[] = [];
  const server = createServer(({ method, url = '' }, response) => {
    if (method === 'GET') asked.push(url);
    const file = files.get(url);
    if (file === undefined || !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-length': statSync(file).size });
    if (stalled.has(url)) return response.write('\x1f');
    return method === 'GET' ? createReadStream(file).pipe(response) : response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    files,
    stalled,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
