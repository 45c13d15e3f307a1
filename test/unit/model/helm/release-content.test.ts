import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentDifferences, sameContent } from '../../../../src/model/helm/release-content.ts';
import { aRevision } from '../../../support/helm-records.ts';

test('two revisions install the same whatever their numbers, times, statuses and Helm versions', () => {
  const first = aRevision(1, 'superseded');
  const later = {
    deployedAt: '2026-11-23T00:00:00Z',
    description: 'Rollback to 1',
    document: { apply_method: 'ssa' },
  };
  assert.ok(sameContent(first, aRevision(3, 'deployed', later)));
});

test('two revisions do not install the same where chart, values, manifest or hooks differ', () => {
  const hook = { name: 'h', kind: 'Job', manifest: 'kind: Job\n' };
  const first = aRevision(1, 'deployed', { hooks: [hook] });
  for (const other of [
    { hooks: [{ ...hook, manifest: 'kind: Pod\n' }] },
    { hooks: [hook], manifest: 'kind: B\n' },
    { hooks: [hook], config: { replicas: 3 } },
    { hooks: [hook], chart: { values: { replicas: 9 } } },
    { hooks: [hook], chart: { templates: [] } },
    { hooks: [hook], chart: { metadata: { name: 'memcached', version: '2.0.0' } } },
  ])
    assert.ok(!sameContent(first, aRevision(1, 'deployed', other)));
});

test('blank lines, comments and the order of documents install nothing', () => {
  const hook = { name: 'h', kind: 'Job', manifest: 'kind: Job\n' };
  const manifest = '---\n# Source: a.yaml\nkind: A\n---\n# Source: b.yaml\nkind: B\ndata:\n  x: |\n    y\n';
  const written = aRevision(1, 'deployed', { hooks: [hook], manifest });
  for (const other of [
    { hooks: [{ ...hook, manifest: 'kind: Job\n\n\n' }], manifest: `${manifest}\n\n` },
    { hooks: [hook], manifest: manifest.replace('kind: A\n', 'kind: A\n\n') },
    { hooks: [hook], manifest: manifest.replaceAll(/# Source.*\n/g, '') },
    { hooks: [hook], manifest: '---\nkind: B\ndata:\n  x: |\n    y\n---\nkind: A\n' },
  ])
    assert.deepEqual(contentDifferences(written, aRevision(2, 'deployed', other)), []);
});

test('blank lines that a block keeps are data', () => {
  const keeping = (text: string) =>
    aRevision(1, 'deployed', { manifest: `kind: A\ndata:\n  x: |+\n    ${text}` });
  assert.ok(!sameContent(keeping('y\n'), keeping('y\n\n')));
});

test('a manifest that is no YAML is compared by its lines', () => {
  const broken = (text: string) => aRevision(1, 'deployed', { manifest: `{${text}` });
  assert.ok(sameContent(broken('a\n'), broken('a  \n\n')));
  assert.ok(!sameContent(broken('a\n'), broken('b\n')));
});

test('what differs is named, of one name also where two are', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'cart' } };
  const [was, is] = [
    [service, service],
    [service, { ...service, spec: { a: 1 } }],
  ].map((manifest) => aRevision(1, 'deployed', { manifest }));
  assert.deepEqual(
    contentDifferences(was!, is!).map(({ of, name }) => `${of} ${name}`),
    ['manifest service/cart'],
  );
});

test('a hook differs also where Helm would run it at another time', () => {
  const hook = { name: 'h', kind: 'Job', manifest: 'kind: Job\n' };
  const [was, is] = [['pre-install'], ['post-install']].map((events) =>
    aRevision(1, 'deployed', { hooks: [{ ...hook, events }] }),
  );
  assert.deepEqual(
    contentDifferences(was!, is!).map(({ of, name }) => `${of} ${name}`),
    ['hooks h'],
  );
});
