import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Advice, advice } from '../../../src/advice/advice.ts';
import { helm, kubectl, pipe, shell, tool } from '../../../src/advice/command.ts';
import { effectOf } from '../../../src/advice/effect.ts';

const LOOKS: Advice[] = [
  kubectl('get', 'pods'),
  kubectl('-n', 'shop', 'describe', 'pod', 'x'),
  kubectl('auth', 'can-i', '--list'),
  kubectl('rollout', 'status', 'deployment/x'),
  kubectl('create', 'namespace', 'x', '--dry-run=server'),
  helm('history', 'cart'),
  tool('list', '-A'),
  tool('schedule', 'status'),
  tool('restore', 'cart', '--dry-run=server'),
  tool('doctor'),
  tool('snapshot', 'cart', '--list'),
  tool('verify', 'cart'),
  shell('aws', 's3api', 'get-bucket-location'),
  shell('ls', '-ld', '/x'),
  pipe(kubectl('describe', 'pvc', 'x'), shell('grep', '-A5', 'Used By')),
  advice`first ${kubectl('get', 'pods')}, then ${helm('status', 'cart')}`,
];

const FIXES: Advice[] = [
  kubectl('patch', 'x'),
  kubectl('config', 'use-context', 'x'),
  kubectl('rollout', 'undo', 'deployment/x'),
  kubectl('getx'),
  helm('rollback', 'cart', '1'),
  helm('uninstall', 'cart'),
  tool('restore', 'cart'),
  tool('snapshot', 'cart'),
  tool('warm', 'cart', '--from', 'old'),
  tool('schedule', 'resume'),
  tool('doctor', '--fix'),
  tool('doctor', '--fix', '--dry-run=none'),
  shell('rm', '-r', '/x'),
  shell('aws', 's3', 'rm', 's3://x'),
  shell('never-heard-of'),
  pipe(tool('permissions', 'backup'), kubectl('apply', '-f', '-')),
  kubectl('get', 'pv', { output: kubectl('delete', 'pvc', 'x') }),
  advice`see ${kubectl('get', 'pods')}, then ${kubectl('delete', 'pod', 'x')}`,
  'suspend it there',
];

test('what only looks is said to, and what changes anything, or may, is a fix', () => {
  for (const each of LOOKS) assert.equal(effectOf(each), 'look', JSON.stringify(each));
  for (const each of FIXES) assert.equal(effectOf(each), 'fix', JSON.stringify(each));
});
