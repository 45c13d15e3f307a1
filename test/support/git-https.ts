import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../unit/store/temporary-folder.ts';

/** git's own http-backend behind HTTPS on 127.0.0.1, with a certificate of a CA that nobody knows, and one user. */
export interface GitHttps {
  port: number;
  /** The CA's certificate. */
  ca: string;
  user: string;
  password: string;
  /** The status that it answers with in place of what was asked for; undefined: it does that. */
  judge: (request: { isPush: boolean; isBody: boolean }) => number | undefined;
}

/** @param root the folder that holds the repositories. */
export async function startGitHttps(t: TestContext, root: string): Promise<GitHttps> {
  const folder = await temporaryFolder(t);
  const { key, cert, ca } = makeCertificate(folder);
  const password = 'hunter2-of-the-token';
  const served: GitHttps = { port: 0, ca, user: 'backup', password, judge: () => undefined };
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    answer(served, { root, request, response }).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  served.port = (server.address() as AddressInfo).port;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return served;
}

/** Of 127.0.0.1, signed by a CA of its own. @returns the files. */
function makeCertificate(folder: string): { key: string; cert: string; ca: string } {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    '/CN=A CA',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
  );
  openssl('req', ...newKey, '-subj', '/CN=127.0.0.1', '-keyout', at('key.pem'), '-out', at('request.pem'));
  writeFileSync(at('extensions'), 'subjectAltName=IP:127.0.0.1\n');
  const by = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('extensions')];
  openssl('x509', '-req', '-days', '2', '-in', at('request.pem'), ...by, '-out', at('cert.pem'));
  return { key: at('key.pem'), cert: at('cert.pem'), ca: at('ca.pem') };
}

async function answer(
  served: GitHttps,
  { root, request, response }: { root: string; request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '/', 'https://localhost');
  const body = Buffer.concat(await request.toArray());
  const token = Buffer.from(`${served.user}:${served.password}`).toString('base64');
  const isPush = (pathname + search).includes('git-receive-pack');
  const isKnown = request.headers.authorization === `Basic ${token}`;
  const status = isKnown ? served.judge({ isPush, isBody: request.method === 'POST' }) : 401;
  if (status !== undefined) {
    response.writeHead(status, status === 401 ? { 'WWW-Authenticate': 'Basic realm="git"' } : {});
    response.end();
    return;
  }
  const { 'content-type': type, 'content-encoding': encoding, 'git-protocol': protocol } = request.headers;
  const cgi = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      REMOTE_USER: served.user,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: type ?? '',
      CONTENT_LENGTH: `${body.length}`,
      HTTP_CONTENT_ENCODING: encoding ?? '',
      ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol } : {}),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // It may answer without having read all.
  cgi.stdin.on('error', () => {});
  cgi.stdin.end(body);
  const out = Buffer.concat(await cgi.stdout.toArray());
  const end = out.indexOf('\r\n\r\n');
  const headers = out
    .toString('latin1', 0, end)
    .split('\r\n')
    .map((line) => line.split(/: (.*)/) as [string, string]);
  const said = headers.find(([name]) => name === 'Status')?.[1];
  response.writeHead(
    Number.parseInt(said ?? '200', 10),
    Object.fromEntries(headers.filter(([name]) => name !== 'Status')),
  );
  response.end(out.subarray(end + 4));
}
