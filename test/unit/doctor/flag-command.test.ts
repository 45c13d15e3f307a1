import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dropFlag, setFlag } from '../../../src/doctor/flag-command.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { aDeployment, withContainer } from '../../support/objects.ts';

const HEAD = "kubectl -n shop patch deployment.apps/cart --type=json -p '";

function told(container: JsonObject, command: (workload: JsonObject) => string): unknown {
  const text = command(withContainer(aDeployment('cart'), container).object);
  return text.startsWith(HEAD) ? JSON.parse(text.slice(HEAD.length, -1)) : text;
}
const connections = (container: JsonObject) =>
  told(container, (workload) => setFlag(workload, 'memcached', '-c', '2048'));
const at = (path: string) => `/spec/template/spec/containers/0/${path}`;

test('a flag is changed where it is written, whatever way', () => {
  assert.deepEqual(connections({ args: ['-m', '64', '-c', '1024'] }), [
    { op: 'replace', path: at('args/3'), value: '2048' },
  ]);
  assert.deepEqual(connections({ args: ['-m', '64', '-c1024'] }), [
    { op: 'replace', path: at('args/2'), value: '-c2048' },
  ]);
  assert.deepEqual(connections({ args: [], command: ['memcached', '-c', '1'] }), [
    { op: 'replace', path: at('command/2'), value: '2048' },
  ]);
});

test('a flag that is not there is added', () => {
  assert.deepEqual(connections({ args: ['-m', '64'] }), [
    { op: 'add', path: at('args/-'), value: '-c' },
    { op: 'add', path: at('args/-'), value: '2048' },
  ]);
  assert.deepEqual(connections({ args: [] }), [{ op: 'add', path: at('args'), value: ['-c', '2048'] }]);
});

test('what a script makes of it nobody can patch', () => {
  const editor = 'kubectl -n shop edit deployment.apps/cart';
  assert.equal(connections({ command: ['sh', '-c', 'memcached -c 12'], args: [] }), editor);
});

test('a switch is taken away', () => {
  const drop = (args: string[]) => told({ args }, (workload) => dropFlag(workload, 'memcached', '-A'));
  assert.deepEqual(drop(['-m', '64', '-A']), [{ op: 'remove', path: at('args/2') }]);
  assert.equal(drop(['-vA']), 'kubectl -n shop edit deployment.apps/cart');
});
