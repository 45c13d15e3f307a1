import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Command } from '../../../src/advice/command.ts';
import { dropFlag, setFlag } from '../../../src/doctor/flag-command.ts';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { aDeployment, withContainer } from '../../support/objects.ts';
import { spelled } from '../spelled.ts';

const HEAD = "kubectl -n shop patch deployment.apps/cart --type=json -p '";

function told(container: JsonObject, command: (workload: JsonObject) => Command): unknown {
  const text = spelled(command(withContainer(aDeployment('cart'), container).object));
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

describe('what nobody can patch is edited', () => {
  const editor = 'kubectl -n shop edit deployment.apps/cart';
  const script = 'memcached -c 12';
  const inEnv = [{ name: 'MEMCACHED_CACHE_SIZE', value: '128' }];
  const cases: [name: string, container: JsonObject][] = [
    ['a script', { command: ['sh', '-c', script], args: [] }],
    ['a script in the arguments', { args: ['/bin/sh', '-c', script] }],
    ['an entrypoint of one’s own', { args: ['/opt/start.sh', '-c', '1'] }],
    ['the start script of another image', { args: [], image: 'docker.io/bitnami/memcached:1.6.39' }],
    ['that of an image of one’s own', { args: [], image: 'registry.example:5000/team/memcached:1' }],
    ['settings in the environment', { args: [], env: inEnv }],
  ];
  for (const [name, container] of cases) test(name, () => assert.equal(connections(container), editor));
});

test('the official image, wherever it lies, takes arguments where there are none', () => {
  for (const image of [
    'memcached',
    'memcached:1.6.39-alpine',
    'docker.io/library/memcached:1.6.39@sha256:00',
    'mirror.example:5000/library/memcached:1',
  ])
    assert.deepEqual(
      connections({ args: [], image }),
      [{ op: 'add', path: at('args'), value: ['-c', '2048'] }],
      image,
    );
});

test('flags behind the start script of Bitnami’s image are its own', () => {
  const args = ['/run.sh', '-c', '1024'];
  const image = 'bitnami/memcached:1.6.39';
  assert.deepEqual(connections({ args, image }), [{ op: 'replace', path: at('args/2'), value: '2048' }]);
});

test('a switch is taken away', () => {
  const drop = (args: string[]) => told({ args }, (workload) => dropFlag(workload, 'memcached', '-A'));
  assert.deepEqual(drop(['-m', '64', '-A']), [{ op: 'remove', path: at('args/2') }]);
  assert.equal(drop(['-vA']), 'kubectl -n shop edit deployment.apps/cart');
});
