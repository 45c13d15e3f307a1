import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { memcachedContainer } from '../../../../src/model/settings/memcached-container.ts';

function find(...containers: JsonObject[]): [name: unknown, port: number] | undefined {
  const found = memcachedContainer({ containers });
  return found && [found.container.name, found.port];
}

test('the image names memcached, whatever registry, tag or digest surrounds it', () => {
  for (const image of [
    'memcached',
    'memcached:1.6.39-alpine',
    'registry.example:5000/team/memcached@sha256:0a',
    'docker.io/bitnami/memcached:1.6.39-debian-12-r0',
    'ghcr.example/x/memcached-custom:2',
  ]) {
    assert.deepEqual(
      find({ name: 'proxy', image: 'envoy' }, { name: 'cache', image }),
      ['cache', 11211],
      image,
    );
  }
});

test('exporters and other companions are not memcached', () => {
  const exporter = {
    name: 'metrics',
    image: 'prom/memcached-exporter:v0.15',
    ports: [{ containerPort: 9150 }],
  };
  assert.equal(find(exporter), undefined);
  assert.deepEqual(find(exporter, { name: 'm', image: 'memcached' }), ['m', 11211]);
  assert.equal(find({ name: 'job', image: 'memcached-backup:1' }), undefined);
});

test('a renamed image is recognised by its command, else by the port', () => {
  assert.deepEqual(find({ name: 'c', image: 'cache:1', command: ['/usr/bin/memcached', '-p', '1234'] }), [
    'c',
    1234,
  ]);
  assert.deepEqual(find({ name: 'c', image: 'cache:1', ports: [{ name: 'tcp', containerPort: 11211 }] }), [
    'c',
    11211,
  ]);
  assert.equal(find({ name: 'web', image: 'nginx', ports: [{ containerPort: 80 }] }), undefined);
});

test('the port is the one given to memcached, else the one called memcache, else 11211', () => {
  const image = 'memcached';
  const ports = [
    { name: 'metrics', containerPort: 9150 },
    { name: 'memcache', containerPort: 11333 },
  ];
  assert.deepEqual(find({ name: 'm', image, args: ['--port=11444'], ports }), ['m', 11444]);
  assert.deepEqual(find({ name: 'm', image, ports }), ['m', 11333]);
  assert.deepEqual(find({ name: 'm', image }), ['m', 11211]);
  const bitnami = {
    name: 'm',
    image: 'bitnami/memcached',
    env: [{ name: 'MEMCACHED_PORT_NUMBER', value: '11555' }],
  };
  assert.deepEqual(find(bitnami), ['m', 11555]);
});

test('a server on a socket file has no port', () => {
  assert.deepEqual(find({ name: 'm', image: 'memcached', args: ['-s', '/run/m.sock'] }), ['m', 0]);
});

test('the port of -l, of a script, of a variable; several guesses where nobody can know it', () => {
  const ports = (container: JsonObject): number[] => {
    const found = memcachedContainer({ containers: [{ name: 'm', image: 'memcached', ...container }] })!;
    return [found.port, ...(found.otherPorts ?? [])];
  };
  const probe = { readinessProbe: { tcpSocket: { port: 11444 } }, ports: [{ containerPort: 11333 }] };
  const hidden = [{ name: 'PORT', valueFrom: { secretKeyRef: { name: 's', key: 'port' } } }];
  for (const [container, expected] of [
    [{ args: ['-l', '0.0.0.0:11222'] }, [11222]],
    [{ args: ['-l', '[::]:11222', '-p', '0'] }, [11222]],
    [{ args: ['-l', '10.1.2.3:11222,notls:127.0.0.1:11223'] }, [11223]],
    [{ args: ['-l', '10.1.2.3:11222', '-l', '127.0.0.1'] }, [11211]],
    [{ args: ['-l', '10.1.2.3', '-p', '11222'] }, [11222]],
    [{ args: ['-l', '::1', '-p', '11222'] }, [11222]],
    [{ args: ['-p', '$(PORT)'], env: [{ name: 'PORT', value: '11222' }] }, [11222]],
    [
      { command: ['sh', '-c', 'exec memcached -p "$PORT"'], env: [{ name: 'PORT', value: '11222' }] },
      [11222],
    ],
    [{ command: ['sh', '-c', 'exec memcached -m 16'], ...probe }, [11211]],
    [{ args: ['-p', '$(PORT)'], env: hidden, ...probe }, [11333, 11444, 11211]],
    [{ command: ['/opt/start'], ...probe }, [11333, 11444, 11211]],
    [{ command: ['/opt/start'] }, [11211]],
    [{ args: ['-p', '0', '-s', '/run/m.sock'] }, [0]],
  ] as [JsonObject, number[]][])
    assert.deepEqual(ports(container), expected, JSON.stringify(container));
});
