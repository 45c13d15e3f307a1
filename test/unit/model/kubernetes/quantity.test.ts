import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatQuantity, parseQuantity } from '../../../../src/model/kubernetes/quantity.ts';

test('quantities are numbers, by the suffixes of the Kubernetes API', () => {
  for (const [text, number] of [
    ['0', 0],
    ['64', 64],
    ['0.1', 0.1],
    ['.5', 0.5],
    ['5.', 5],
    ['-1.5', -1.5],
    ['+2', 2],
    ['100m', 0.1],
    ['250u', 0.00025],
    ['7n', 7e-9],
    ['1k', 1000],
    ['1M', 1e6],
    ['2G', 2e9],
    ['1T', 1e12],
    ['1P', 1e15],
    ['1E', 1e18],
    ['128Mi', 134217728],
    ['1Ki', 1024],
    ['0.5Gi', 536870912],
    ['1Ti', 2 ** 40],
    ['1Pi', 2 ** 50],
    ['1Ei', 2 ** 60],
    ['1e3', 1000],
    ['12E2', 1200],
    ['1e-3', 0.001],
  ] as const)
    assert.equal(parseQuantity(text), number, text);
});

test('what is no quantity is undefined', () => {
  for (const text of [
    '',
    ' 1',
    '1 Gi',
    '1gi',
    '1K',
    '1mi',
    'Gi',
    '.',
    '1e',
    '0x10',
    '1_000',
    'memcached',
    '1.6.39',
  ])
    assert.equal(parseQuantity(text), undefined, text);
});

test('amounts that binary fractions can not hold still compare equal', () => {
  assert.equal(parseQuantity('0.3'), parseQuantity('300m'));
  assert.equal(parseQuantity('1.1Gi'), parseQuantity('1181116006400m'));
});

test('an amount is written as people write it', () => {
  const written: [amount: number, resource: string, text: string][] = [
    [0.25, 'requests.cpu', '250m'],
    [2, 'cpu', '2'],
    [1.5, 'limits.cpu', '1500m'],
    [128 * 2 ** 20, 'requests.memory', '128Mi'],
    [1.5 * 2 ** 30, 'memory', '1.5Gi'],
    [100, 'requests.memory', '100'],
    [-16 * 2 ** 20, 'limits.memory', '-16Mi'],
    [3, 'pods', '3'],
  ];
  for (const [amount, resource, text] of written) assert.equal(formatQuantity(amount, resource), text);
});
