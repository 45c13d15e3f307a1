import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { ensureCluster } from '../../cluster/cluster.ts';
import { cliFor } from '../support/cli.ts';
import { aNamespace } from '../support/namespace.ts';
import { expectCode } from '../support/process.ts';
import { rolledOut } from '../support/rollout.ts';

const cluster = await ensureCluster();

test('wherever memcached was told to listen, and by whatever script, its pods are asked or said to be unknown', async () => {
  await using place = await aNamespace(cluster, 'listen');
  const { kubectl, namespace } = place;
  using cli = cliFor(cluster, { namespace });
  const env = [{ name: 'PORT', value: '11222' }];
  const hidden = [{ name: 'PORT', valueFrom: { secretKeyRef: { name: 'ports', key: 'port' } } }];
  const declared = { ports: [{ containerPort: 11333 }] };
  const exec = (flags: string) => ({ command: ['sh', '-c', `exec memcached -u nobody ${flags}`] });
  const containers: Record<string, JsonObject> = {
    'in-env': { args: ['memcached', '-u', 'nobody', '-p', '$(PORT)'], env },
    script: { ...exec('-m 16 -p "$PORT"'), env },
    address: exec('-l 0.0.0.0:11222'),
    addresses: exec('-l 127.0.0.1:11223 -l 0.0.0.0:11222'),
    guessed: { ...exec('-p "$PORT"'), env: hidden, ...declared },
    unknown: { ...exec('-p "$PORT"'), env: hidden },
  };
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'ports' },
    stringData: { port: '11333' },
  };
  await kubectl.apply(
    secret,
    ...Object.entries(containers).map(([name, container]) => listening(name, container)),
  );
  await rolledOut(kubectl, 'deployment');

  const pods = await kubectl.objects.list('pods');
  const diagnosis = JSON.parse(
    (await cli.run('doctor', '--only', 'cache', '--only', 'rollout', '-o', 'json')).stdout,
  );
  const { findings } = diagnosis as {
    findings: { code: string; severity: string; summary: string; object?: { name: string } }[];
  };
  assert.equal(pods.length, 6);
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'fail').map(({ code, summary }) => [code, summary]),
    [],
  );
  const silent = findings.filter(({ code }) => code === 'MB602');
  assert.equal(silent.length, 1, JSON.stringify(findings, null, 1));
  assert.match(silent[0]!.object?.name ?? '', /^unknown-/);
  assert.match(silent[0]!.summary, /does not tell which port it listens on/);

  await cli.ok('backup', 'script');
  const shown = (await cli.json(['show', 'script'])) as { settings?: unknown };
  assert.match(JSON.stringify(shown), /"maxbytes":"16777216"/);
  await kubectl.objects.delete('deployment/script');
  assert.match(expectCode(await cli.run('restore', 'script', '--yes')).stdout, /Proved: pod\/script-/);
});

function listening(name: string, container: JsonObject): JsonObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'memcached',
              image: cluster.images.memcached,
              imagePullPolicy: 'IfNotPresent',
              ...container,
            },
          ],
        },
      },
    },
  };
}
