import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { FlagValues } from '../../../src/cli/flag-values.ts';
import { pushTarget } from '../../../src/cli/push-target.ts';
import { pushingRun, type RunRecord } from '../../../src/commands/push-run.ts';
import { ExitCode } from '../../../src/errors/exit-code.ts';
import { InterruptedError, UnreachableError } from '../../../src/errors/tool-error.ts';
import type { Store } from '../../../src/store/store.ts';
import { aPushContext } from '../../support/metrics/push-context.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server in place of a Pushgateway, and what it was sent: "POST /metrics/… BODY". */
async function aGateway(t: TestContext, answer: Answer = (_, response) => response.end()) {
  const sent: { line: string; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    sent.push({ line: `${request.method} ${request.url}`, body });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { sent, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

const saved = (complete: boolean) => (record: RunRecord) => {
  const at = new Date('2026-11-24T02:00:00Z');
  record.saved.push({ namespace: 'shop', release: 'cart', complete, at, bytes: 5, objects: 1 });
};
const GOOD = async (record: RunRecord): Promise<ExitCode> => {
  saved(true)(record);
  return ExitCode.ok;
};

test('a run tells of itself, of its store and of each release, with the schedule it is of', async (t) => {
  const { sent, url } = await aGateway(t);
  const { context, io } = aPushContext();
  assert.equal(await pushingRun({ url, schedule: 'nightly', env: {} }, context, GOOD), 0);
  assert.deepEqual(
    sent.map(({ line }) => line),
    [
      'POST /metrics/job/memcached-backup/namespace/shop/cronjob/nightly',
      'PUT /metrics/job/memcached-backup/namespace/shop/release/cart',
    ],
  );
  const [run = { body: '' }, release = { body: '' }] = sent;
  assert.match(run.body, /^memcached_backup_last_run_success 1$/m);
  assert.match(run.body, /^memcached_backup_last_success_timestamp_seconds 1\.?\d+/m);
  assert.match(run.body, /^memcached_backup_store_free_bytes\{store="folder"\} 1073741824$/m);
  assert.match(run.body, /^memcached_backup_store_capacity_bytes\{store="folder"\} 4294967296$/m);
  assert.match(release.body, /^memcached_backup_newest_timestamp_seconds\{store="folder"\} 1795485600$/m);
  assert.equal(io.stderr, '');
});

test('an incomplete run moves no success stamp, and an incomplete backup is no newest one', async (t) => {
  const { sent, url } = await aGateway(t);
  const { context } = aPushContext();
  const code = await pushingRun({ url, env: {} }, context, async (record) => {
    saved(false)(record);
    return ExitCode.incomplete;
  });
  assert.equal(code, 5);
  assert.equal(sent.length, 1);
  assert.match(sent[0]!.body, /^memcached_backup_last_run_success 0$/m);
  assert.doesNotMatch(sent[0]!.body, /last_success_timestamp/);
});

test('a run that found neither cluster nor store says so too', async (t) => {
  const { sent, url } = await aGateway(t);
  const away = async (): Promise<never> => {
    throw new UnreachableError('away');
  };
  const { context } = aPushContext({ kube: away, store: away });
  await assert.rejects(pushingRun({ url, env: {} }, context, away), /away/);
  assert.equal(sent[0]!.line, 'POST /metrics/job/memcached-backup/namespace/default');
  assert.match(sent[0]!.body, /^memcached_backup_last_run_success 0$/m);
});

test('a gateway that is away, refuses, or sends elsewhere is a warning, and the exit code stays', async (t) => {
  const closed = createTcpServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const refusing = await aGateway(t, (_, response) => {
    response.writeHead(400).end('pushed metrics are invalid\u001b[31m\nand more');
  });
  const moved = await aGateway(t, (_, response) => response.writeHead(302, { location: '/' }).end());
  for (const [url, warning] of [
    [new URL(`http://127.0.0.1:${port}`), /did not take the metrics: .*ECONNREFUSED/],
    [refusing.url, /did not take the metrics: HTTP 400: pushed metrics are invalid\\u001b\[31m;/],
    [moved.url, /did not take the metrics: HTTP 302/],
  ] as const) {
    const { context, io } = aPushContext();
    assert.equal(await pushingRun({ url, env: {} }, context, GOOD), 0);
    assert.match(io.stderr, warning);
    assert.match(io.stderr, /^Warning: .*the run itself is not concerned\n$/);
  }
  assert.equal(refusing.sent.length, 1, 'after a refusal the rest is not sent');
});

test('after an interruption a gateway that does not answer holds nothing up for longer than a second', async (t) => {
  const { url } = await aGateway(t, () => {});
  const interruption = new AbortController();
  const { context, io } = aPushContext({ signal: interruption.signal });
  const began = performance.now();
  const run = pushingRun({ url, env: {} }, context, async () => {
    interruption.abort(new InterruptedError());
    throw new InterruptedError();
  });
  await assert.rejects(run, InterruptedError);
  assert.ok(performance.now() - began < 2500, `${performance.now() - began}`);
  assert.match(io.stderr, /no answer within 1 s/);
});

test('a run that has ended is not held up by its push when it is told to end then, and keeps its exit code', async (t) => {
  for (const part of ['gateway', 'room'] as const) {
    const interruption = new AbortController();
    const interrupt = (): void => interruption.abort(new InterruptedError());
    const { url } = await aGateway(t, (_, response) => {
      if (part === 'gateway') interrupt();
      else response.end();
    });
    const slow: Partial<Store> = {
      location: '/srv/backups',
      condition: () => {
        interrupt();
        return new Promise(() => {});
      },
    };
    const { context } = aPushContext({
      signal: interruption.signal,
      ...(part === 'room' ? { store: async () => slow as Store } : {}),
    });
    const began = performance.now();
    assert.equal(await pushingRun({ url, env: {} }, context, GOOD), 0);
    assert.ok(performance.now() - began < 2500, `${part}: ${performance.now() - began}`);
  }
});

test('without --push-gateway nothing is sent, and a URL with credentials is refused without being shown', async () => {
  const flag = { name: 'push-gateway', type: 'string', describe: '' } as const;
  const of = (text: string) => pushTarget(new FlagValues(new Map([['push-gateway', [text]]]), [flag]), {});
  assert.equal(await of(''), undefined);
  assert.equal((await of('https://gateway.example:9091/push/'))?.url.pathname, '/push/');
  await assert.rejects(of('http://user:s3cret@gateway'), (error: Error) => {
    assert.doesNotMatch(error.message, /s3cret/);
    return /holds credentials/.test(error.message);
  });
  for (const text of ['gateway:9091', 'ftp://gateway', 'http://gateway?x=1', 'http://gateway#x', 'http://'])
    await assert.rejects(of(text), /takes the URL of a Pushgateway/, text);
});
