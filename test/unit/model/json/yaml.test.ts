import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../../../../src/model/json/json.ts';
import { readPlainStream } from '../../../../src/model/json/plain-yaml-stream.ts';
import { parseYamlStream, toYaml } from '../../../../src/model/json/yaml.ts';

test('strings that YAML 1.1 or Go would take for something else are quoted', () => {
  const strings = [
    'y',
    'no',
    'On',
    '~',
    'null',
    '',
    '0o7',
    '0X1F',
    '1_000',
    '-_1',
    '12:30:45',
    '2026-11-22',
    '<<',
    '=',
  ];
  for (const text of strings) assert.match(toYaml([text]), /^- ["']/, text);
  for (const text of strings) assert.match(toYaml({ [text]: 'v' }), /^["']/, text);
});

test('ordinary strings stay bare: names, images, quantities, addresses', () => {
  for (const text of [
    'my-memcached',
    'memcached:1.6.39',
    '128Mi',
    '10.96.0.7',
    'app.kubernetes.io/name',
    '-m',
  ])
    assert.equal(toYaml([text]), `- ${text}\n`);
});

test('a number keeps the digits that the server sent', () => {
  assert.equal(
    toYaml(parseJson('{"a":1.0,"b":1152921504606846977,"c":-0,"d":5}')),
    'a: 1.0\nb: 1152921504606846977\nc: -0\nd: 5\n',
  );
});

test('a text of several lines stays readable', () => {
  assert.equal(toYaml({ 'memcached.conf': '-m 64\n-c 1024\n' }), 'memcached.conf: |\n  -m 64\n  -c 1024\n');
});

test('long lines are not folded', () => {
  const text = 'word '.repeat(60).trim();
  assert.equal(toYaml([text]), `- ${text}\n`);
});

test('what looks empty is written: {} and [] mean something', () => {
  assert.equal(toYaml({ podSelector: {}, egress: [] }), 'podSelector: {}\negress: []\n');
});

test('characters that Go can not read are escaped', () => {
  assert.equal(toYaml(['a\u2028b\ufeff\u007f']), '- "a\\u2028b\\ufeff\\u007f"\n');
});

test('the documents of a manifest are read, empty and commented ones left out', () => {
  const text =
    '---\n# Source: x/templates/a.yaml\nkind: A\n---\n# nothing but a comment\n---\n\n---\nkind: B\n';
  assert.deepEqual(parseYamlStream(text), [{ kind: 'A' }, { kind: 'B' }]);
  assert.deepEqual(parseYamlStream(''), []);
  assert.deepEqual(parseYamlStream('# only a comment\n'), []);
});

test('scalars are read as Helm reads them, which is not quite YAML 1.1', () => {
  const read = (scalar: string) => parseYamlStream(`- ${scalar}`)[0];
  for (const [scalar, value] of [
    ['yes', true],
    ['n', false],
    ['~', null],
    ['0644', 420],
    ['0o644', 420],
    ['1_000', 1000],
    ['12:30:45', '12:30:45'],
    ['2026-11-22', '2026-11-22'],
    ['2026-11-22T10:15:00Z', '2026-11-22T10:15:00Z'],
    ['e4', 'e4'],
    ['5e0650', '5e0650'],
    ['"0o7"', '0o7'],
  ] as const)
    assert.deepEqual(read(scalar), [value], scalar);
});

test('the last of several equal keys counts, as for Helm, which installs such charts', () => {
  assert.deepEqual(parseYamlStream('labels: {a: x, b: y}\nlabels: {a: z}\n'), [{ labels: { a: 'z' } }]);
});

test('anchors and merges are resolved', () => {
  assert.deepEqual(parseYamlStream('a: &x {k: v}\nb: {<<: *x, l: w}\n'), [
    { a: { k: 'v' }, b: { k: 'v', l: 'w' } },
  ]);
});

test('keys are strings, as in JSON', () => {
  assert.deepEqual(parseYamlStream('1: a\ny: b\n'), [{ 1: 'a', true: 'b' }]);
});

test('a syntax error is named with its line', () => {
  assert.throws(() => parseYamlStream('a: 1\nb: "unfinished\n'), /at line 3/);
});

test('a manifest as charts make it is read without loading a parser of YAML; one that is long is left to that', () => {
  const manifest = `---
# Source: memcached/templates/rbac.yaml
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: cache
  labels:
    app.kubernetes.io/version: "1.6"
rules:
  - apiGroups: [""]
    resources: [configmaps, secrets]
    resourceNames: ['cache']
---
kind: Pod
spec:
  containers:
    - name: memcached
      args: ["-m", "64"]
      readinessProbe:
        tcpSocket: {port: memcache}
      securityContext: {}
data:
  a.conf: |
    -m 64
    # the end
`;
  const meter = { tokens: 0 };
  const values = readPlainStream(manifest, meter);
  assert.equal(values?.length, 2);
  assert.deepEqual(values, parseYamlStream(`${manifest}# é\n`));
  assert.ok(meter.tokens > 0);
  assert.equal(readPlainStream(manifest, { tokens: 99_900 }), undefined);
  assert.equal(readPlainStream(manifest.repeat(300), { tokens: 0 }), undefined);
});
