import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { askUrl } from '../../../src/warm/ask-url.ts';
import { readHeaders, readUrls } from '../../../src/warm/url-list.ts';

const seen: { url: string; authorization: string | undefined }[] = [];
let failures = 0;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? '';
  seen.push({ url, authorization: request.headers.authorization });
  if (url === '/ok') response.end('x'.repeat(100_000));
  else if (url === '/missing') response.writeHead(404).end();
  else if (url === '/twice') response.writeHead(failures++ < 1 ? 503 : 200).end();
  else if (url === '/moved') response.writeHead(302, { location: '/ok' }).end();
  else if (url === '/round') response.writeHead(302, { location: '/round' }).end();
  else if (url === '/away') response.writeHead(301, { location: 'http://example.invalid/' }).end();
  else if (url === '/nowhere') response.writeHead(301).end();
  else if (url === '/cut') response.destroy();
  // Anything else: silence.
}

const server = createServer(answer);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => {
  server.close();
  server.closeAllConnections();
});
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function ask(path: string, changes: Partial<Parameters<typeof askUrl>[1]> = {}) {
  return askUrl(`${base}${path}`, {
    headers: [['Authorization', 'Bearer secret']],
    timeoutMs: 2000,
    retries: 0,
    signal: new AbortController().signal,
    ...changes,
  });
}

const CASES: [path: string, why: RegExp | undefined][] = [
  ['/ok', undefined],
  ['/moved', undefined],
  ['/missing', /^HTTP 404$/],
  ['/round', /^more than 5 redirects$/],
  ['/away', /^it leads to another host: example\.invalid$/],
  ['/nowhere', /^HTTP 301 without a place to go$/],
  ['/cut', /.+/],
];
for (const [path, why] of CASES) {
  test(`${path}: ${why?.source ?? 'answered'}`, async () => {
    const found = await ask(path);
    if (why === undefined) assert.equal(found, undefined);
    else assert.match(found ?? 'answered', why);
  });
}

test('headers go along, also to where the same host sends', async () => {
  seen.length = 0;
  await ask('/moved');
  assert.deepEqual(seen, [
    { url: '/moved', authorization: 'Bearer secret' },
    { url: '/ok', authorization: 'Bearer secret' },
  ]);
});

test('what may be better the next time is tried again, and what may not be, is not', async () => {
  failures = 0;
  assert.equal(await ask('/twice', { retries: 1 }), undefined);
  seen.length = 0;
  assert.equal(await ask('/missing', { retries: 3 }), 'HTTP 404');
  assert.equal(seen.length, 1);
});

test('silence ends at the limit, and on a signal at once', async () => {
  assert.equal(await ask('/silent', { timeoutMs: 50 }), 'no whole answer within 0.05 s');
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  assert.equal(await ask('/silent', { signal: controller.signal, retries: 5 }), 'interrupted');
});

test('URLs and headers of a file are read; what is none is refused, and no value of a header is shown', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'warm-urls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'urls');
  writeFileSync(file, '# ours\nhttps://a.example/1\r\n\nhttps://a.example/1\nhttp://b.example/\n');
  assert.deepEqual(await readUrls(['https://c.example/'], file), [
    'https://c.example/',
    'https://a.example/1',
    'http://b.example/',
  ]);
  for (const url of ['ftp://a.example/', 'a.example', 'file:///etc/passwd'])
    await assert.rejects(readUrls([url], undefined), /is no URL of http or https/);
  await assert.rejects(readUrls(['https://me:hunter2@a.example/'], undefined), (error: Error) => {
    assert.doesNotMatch(error.message, /hunter2/);
    return /holds a user or a password/.test(error.message);
  });
  await assert.rejects(readUrls([], join(folder, 'none')), /--urls .* can't be read/);
  writeFileSync(file, 'Authorization: Bearer a:b\nX-Warm:1\n');
  assert.deepEqual(await readHeaders(file), [
    ['Authorization', 'Bearer a:b'],
    ['X-Warm', '1'],
  ]);
  writeFileSync(file, 'Authorization: fine\nhunter2 is secret\n');
  await assert.rejects(readHeaders(file), (error: Error) => {
    assert.match(error.message, /^line 2 of /);
    return !error.message.includes('hunter2');
  });
});
