import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JsonObject } from '../../src/model/json/json.ts';
import type { PodSettings } from '../../src/model/records/backup-format.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY } from './support/cli.ts';
import { codesOf, diagnose } from './support/doctor/diagnosis.ts';
import { applied } from './support/fixtures/plain-yaml.ts';
import { peakMemory } from './support/peak-memory.ts';
import { backupsIn } from './support/store-files.ts';

const cluster = await ensureCluster();

/** What a pod says to whoever connects, after a greeting that memcached could have sent, by its release. */
const ENDLESS: Record<string, { says: string; error: RegExp }> = {
  lines: { says: `exec yes 'STAT x y'`, error: /did not end its answer to "stats settings"/ },
  bytes: { says: 'exec cat /dev/zero', error: /sent a line longer than \d+ bytes/ },
  drip: {
    says: `while :; do printf 'STAT x y\\r\\n'; sleep 0.2; done`,
    error: /did not (?:answer|end its answer) in time/,
  },
};

test('pods whose answers never end hold nobody up: each is named, and a healthy release is saved', async () => {
  const objects = [
    workload('healthy', 'exec memcached -m 16'),
    ...Object.entries(ENDLESS).map(([name, { says }]) =>
      workload(name, `exec nc -ll -p 11211 -e sh -c "printf 'VERSION 1.6.39\\r\\n'; ${says}"`),
    ),
  ];
  await using fixture = await applied(cluster, { name: 'healthy', objects });
  const { cli, kubectl, namespace } = fixture;
  await kubectl.ok('wait', 'deployments', '--all', '--for=condition=Available', '--timeout=60s');

  const peak = await peakMemory(BINARY, ['backup', '-n', namespace], cli.env);
  assert.ok(peak.mib < 400, `${peak.mib.toFixed(0)} MiB`);
  assert.ok(peak.ms < 30_000, `${peak.ms.toFixed(0)} ms`);
  const said = new Map(
    backupsIn(cli.store).map(({ folder, document }) => {
      const text = readFileSync(join(folder, 'settings.json'), 'utf8');
      return [document.release, (JSON.parse(text) as { pods: PodSettings[] }).pods];
    }),
  );
  assert.deepEqual([...said.keys()].sort(), ['healthy', ...Object.keys(ENDLESS)].sort());
  assert.equal(said.get('healthy')?.[0]?.stats?.maxbytes, String(16 * 2 ** 20));
  for (const [name, { error }] of Object.entries(ENDLESS))
    assert.match(said.get(name)?.[0]?.error ?? '', error);

  const diagnosis = await diagnose(fixture);
  assert.ok(diagnosis.durationMs < 30_000, `${diagnosis.durationMs} ms`);
  const silent = diagnosis.findings.filter(({ code }) => code === 'MB602');
  assert.equal(silent.length, Object.keys(ENDLESS).length, JSON.stringify(diagnosis.findings, null, 1));
  for (const [name, { error }] of Object.entries(ENDLESS)) {
    const finding = silent.find(({ object }) => object?.name.startsWith(`${name}-`));
    assert.match(finding?.summary ?? '', /nobody answers as memcached does/);
    assert.match(finding?.evidence[0]?.text ?? '', error);
  }
  assert.deepEqual(codesOf(diagnosis), []);
});

/** One pod, which runs a script of a shell. */
function workload(name: string, script: string): JsonObject {
  const labels = { app: name };
  const container = {
    name: 'memcached',
    image: cluster.images.memcached,
    command: ['sh', '-c', script],
    ports: [{ name: 'memcached', containerPort: 11211 }],
    readinessProbe: { tcpSocket: { port: 'memcached' }, periodSeconds: 1 },
    resources: { requests: { cpu: '1m', memory: '8Mi' } },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 1, containers: [container] },
      },
    },
  };
}
