import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CutShortError } from '../../../src/errors/cut-short.ts';
import { InterruptedError } from '../../../src/errors/tool-error.ts';
import { Cutoff } from '../../../src/kube/cutoff.ts';
import { hangUp, json, silence, testServer } from './test-server.ts';

const REF = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'cache' };
const OBJECT = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cache', namespace: 'shop' } };

test('after an interruption a silent server is given up: a read is broken off, a write is left open', async () => {
  await using server = await testServer(silence);
  const interruption = new AbortController();
  const kube = await server.client({}, { signal: interruption.signal });
  const [read, write, tried] = [
    kube.get(REF),
    kube.replace(OBJECT, { fieldManager: 'test' }),
    kube.replace(OBJECT, { fieldManager: 'test', dryRun: true }),
  ];
  const outcomes = Promise.allSettled([read, write, tried]);
  interruption.abort(new InterruptedError());
  const errors = (await outcomes).map((outcome) => (outcome as PromiseRejectedResult).reason as Error);
  assert.deepEqual(
    errors.map((error) => [error instanceof InterruptedError, error instanceof CutShortError]),
    [
      [true, false],
      [true, true],
      [true, false],
    ],
  );
  assert.match(
    errors[1]!.message,
    /interrupted while the API server had not answered: update configmaps cache/,
  );
  // What was never sent left nothing open.
  const late = await kube.replace(OBJECT, { fieldManager: 'test' }).catch((error: unknown) => error);
  assert.ok(late instanceof InterruptedError && !(late instanceof CutShortError));
  assert.equal(server.requests.length, 3);
});

test('a server that is well answers what ends the work in hand', async () => {
  await using server = await testServer(json(OBJECT));
  const kube = await server.client({}, { signal: AbortSignal.abort(new InterruptedError()) });
  assert.deepEqual(await kube.get(REF), OBJECT);
});

test('nothing is tried again after an interruption', async () => {
  await using server = await testServer(hangUp);
  const kube = await server.client({}, { signal: AbortSignal.abort(new InterruptedError()) });
  await assert.rejects(kube.get(REF));
  assert.equal(server.requests.length, 1);
});

test('without an interruption nothing is cut', () => {
  const cutoff = new Cutoff();
  const error = new Error('as it was');
  assert.equal(cutoff.signal.aborted, false);
  assert.equal(cutoff.instead(error, 'get x', true), error);
});
