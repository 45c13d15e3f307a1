import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patchCommand } from '../../../../src/doctor/access/add-rules.ts';
import { patchCronJob } from '../../../../src/doctor/schedule/backup-run.ts';
import type { ContainerState } from '../../../../src/doctor/schedule/container-states.ts';
import { judgeToolEnd } from '../../../../src/doctor/schedule/tool-end.ts';
import { scheduleLabels } from '../../../../src/model/schedule/schedule-objects.ts';
import { allSpelled } from '../../spelled.ts';
import { aCronJob } from './objects.ts';

/** The advice for a schedule whose store is full. */
function adviceFor(...args: string[]): string[] {
  const plain = aCronJob({ container: { args: ['backup', ...args] } });
  const metadata = { ...(plain.metadata as object), labels: scheduleLabels('memcached-backup') };
  const cronJob = { ...plain, metadata };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'run-1', namespace: 'cache' } };
  const message = "failed (store is full): can't write to the store s3://b: the disk is full";
  const state: ContainerState = {
    name: 'backup',
    image: 'registry.example/memcached-backup:1',
    container: {},
    ended: { exitCode: 1, message, reason: '', at: '', again: false },
  };
  const found = judgeToolEnd({ cronJob, pod }, state, undefined);
  assert.equal(found?.code, 'MB244');
  return allSpelled(found.advice);
}

test('what a CronJob says of its store and namespace is a word of the command that is advised, and no command', () => {
  const [prune = ''] = adviceFor('-n', 'a;id', '--store', 's3://b/;touch x');
  assert.equal(prune, `kubectl memcached-backup prune -n 'a;id' --store 's3://b/;touch x' --dry-run`);
  const [claim = ''] = adviceFor('-n', 'cache', '--store', 'pvc://cache/backups');
  assert.match(
    claim,
    /--store pvc:\/\/cache\/backups --helper-image registry.example\/memcached-backup:1 --dry-run$/,
  );
  const [whole = ''] = adviceFor(
    '-A',
    '--store',
    "s3://b/'; touch x; '",
    '--s3-endpoint',
    'http://minio:9000',
  );
  assert.equal(
    whole,
    `kubectl memcached-backup prune -A --store 's3://b/'\\''; touch x; '\\''' --s3-endpoint http://minio:9000 --dry-run`,
  );
});

test('a quote in a patch does not end its word', () => {
  const value = "a'; touch x; '";
  const quoted = `'{"spec":{"schedule":"a'\\''; touch x; '\\''"}}'`;
  assert.equal(
    allSpelled([patchCronJob({ cronJob: aCronJob() }, { schedule: value })])[0],
    `kubectl patch cronjob memcached-backup -n cache -p ${quoted}`,
  );
  const ref = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', namespace: 'cache', name: 'r' };
  const operations = [{ op: 'add', path: '/rules/-', value } as const];
  assert.equal(
    allSpelled([patchCommand({ what: '', steps: [{ action: 'patch', ref, operations }] })])[0],
    `kubectl patch role r -n cache --type=json -p '[{"op":"add","path":"/rules/-","value":"a'\\''; touch x; '\\''"}]'`,
  );
});
