import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declaredSubcharts, rebuildChart } from '../../../../src/model/helm/helm-chart.ts';
import { type JsonObject, parseJson } from '../../../../src/model/json/json.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const chart = (fields: JsonObject) => rebuildChart({ chart: { metadata: { name: 'memcached' }, ...fields } });
const contents = (fields: JsonObject) =>
  Object.fromEntries(chart(fields).files.map(({ path, content }) => [path, String(content)]));
const file = (name: string, text = 'x') => ({ name, data: base64(text) });

test('a chart is rebuilt file by file', () => {
  assert.deepEqual(
    contents({
      values: { replicas: 2 },
      lock: { digest: 'sha256:1' },
      schema: base64('{"type":"object"}'),
      templates: [file('templates/deployment.yaml', '{{ .Values }}'), file('templates/NOTES.txt', 'Hi')],
      files: [file('README.md', '# Hi'), file('.helmignore', '*.bak'), file('crds/a.yaml', 'kind: A')],
    }),
    {
      'Chart.yaml': 'name: memcached\n',
      'values.yaml': 'replicas: 2\n',
      'Chart.lock': 'digest: sha256:1\n',
      'values.schema.json': '{"type":"object"}',
      'templates/deployment.yaml': '{{ .Values }}',
      'templates/NOTES.txt': 'Hi',
      'README.md': '# Hi',
      '.helmignore': '*.bak',
      'crds/a.yaml': 'kind: A',
    },
  );
});

test('what the record does not hold is left out; Chart.yaml and values.yaml are always there', () => {
  assert.deepEqual(contents({ lock: null, schema: null, values: null }), {
    'Chart.yaml': 'name: memcached\n',
    'values.yaml': '{}\n',
  });
  assert.deepEqual(
    rebuildChart({}).files.map(({ path }) => path),
    ['Chart.yaml', 'values.yaml'],
  );
});

test('bytes of a file stay bytes', () => {
  const bytes = Buffer.from([0, 255, 254, 10]);
  const { files } = chart({ files: [{ name: 'logo.png', data: bytes.toString('base64') }] });
  assert.deepEqual(files.find(({ path }) => path === 'logo.png')?.content, bytes);
});

test('numbers of the values keep their digits', () => {
  assert.equal(contents({ values: parseJson('{"factor":1.0}') })['values.yaml'], 'factor: 1.0\n');
});

test('a path that would leave the folder, or is used twice, is passed over and named', () => {
  const paths = [
    '../x',
    '/etc/passwd',
    'a/../../x',
    'a//b',
    './a',
    '',
    'a\\b',
    'a\nb',
    'templates/..',
    'Chart.yaml',
  ];
  const { files, unsafe } = chart({
    files: [...paths.map((path) => file(path)), file('twice'), file('twice', 'y')],
  });
  assert.deepEqual(unsafe, [...paths, 'twice']);
  assert.deepEqual(
    files.map(({ path }) => path),
    ['Chart.yaml', 'values.yaml', 'twice'],
  );
});

test('a file where another has a folder is passed over: no disk could hold both', () => {
  assert.deepEqual(chart({ files: [file('a/b'), file('a'), file('a/b/c')] }).unsafe, ['a', 'a/b/c']);
});

test('declared subcharts are named, for they can not be rebuilt', () => {
  const dependencies = [{ name: 'common', version: '2' }, { version: '1' }];
  assert.deepEqual(declaredSubcharts({ chart: { metadata: { dependencies } } }), ['common', '?']);
  assert.deepEqual(declaredSubcharts({}), []);
});
