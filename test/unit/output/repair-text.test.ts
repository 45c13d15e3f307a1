import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repairLines } from '../../../src/output/repair-text.ts';

test('a repair is shown as it is sent, but for what a CronJob holds in plain text', () => {
  const container = {
    name: 'backup',
    command: ['sh', '-ec', 'export AWS_SECRET_ACCESS_KEY=hunter22; aws s3 cp /backup s3://b'],
    env: [{ name: 'GIT_TOKEN', value: 'hunter22' }],
  };
  const ref = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'cache', name: 'run' };
  const rule = { apiGroups: [''], resources: ['secrets'], verbs: ['list'] };
  const lines = repairLines({
    what: 'run it again',
    steps: [
      { action: 'delete', ref, uid: 'u' },
      {
        action: 'create',
        object: {
          apiVersion: 'batch/v1',
          kind: 'Job',
          metadata: { name: 'run', namespace: 'cache' },
          spec: { template: { spec: { containers: [container] } } },
        },
      },
      { action: 'patch', ref, operations: [{ op: 'add', path: '/rules/-', value: rule }] },
    ],
  });

  assert.doesNotMatch(lines.join('\n'), /hunter22/);
  assert.match(lines.join('\n'), /export AWS_SECRET_ACCESS_KEY=\*\*\*; aws s3 cp \/backup s3:\/\/b/);
  assert.equal(lines.at(-1), `    add /rules/- ${JSON.stringify(rule)}`);
});

test('what a patch writes into the data of a Secret is masked', () => {
  const ref = { apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 'r' };
  const operations = [
    { op: 'replace' as const, path: '/data/release', value: 'aHVudGVyMjI=' },
    { op: 'add' as const, path: '/data', value: { release: 'aHVudGVyMjI=' } },
  ];
  const lines = repairLines({ what: 'mend', steps: [{ action: 'patch', ref, operations }] });
  assert.equal(lines.length, 4);
  assert.doesNotMatch(lines.join('\n'), /aHVudGVyMjI/);
});
