import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindWord, namesKind } from '../../../../src/restore/plan/kind-words.ts';

const MONITOR = { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor' };
const POLICY = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };
const SERVICE = { apiVersion: 'v1', kind: 'Service' };

test('a kind is named as kubectl takes it', () => {
  for (const word of [
    'ServiceMonitor',
    'servicemonitor',
    'servicemonitors',
    'servicemonitors.monitoring.coreos.com',
    'servicemonitor.v1.monitoring.coreos.com',
  ])
    assert.ok(namesKind(word, MONITOR), word);
  for (const word of ['networkpolicies', 'netpol', 'NetworkPolicy.networking.k8s.io'])
    assert.ok(namesKind(word, POLICY), word);
  for (const word of ['svc', 'services', 'service.v1']) assert.ok(namesKind(word, SERVICE), word);
});

test('and nothing else is', () => {
  for (const word of [
    '',
    'monitor',
    'service',
    'servicemonitor.other.org',
    'servicemonitor.v2.monitoring.coreos.com',
  ])
    assert.ok(!namesKind(word, MONITOR), word);
  assert.ok(!namesKind('service.apps', SERVICE));
});

test('the word for a kind names it', () => {
  for (const kind of [MONITOR, POLICY, SERVICE]) assert.ok(namesKind(kindWord(kind), kind));
});
