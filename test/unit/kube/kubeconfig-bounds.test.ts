import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UsageError } from '../../../src/errors/tool-error.ts';
import { loadKubeconfig } from '../../../src/kube/kubeconfig-files.ts';
import { KUBECONFIG_LIMITS } from '../../../src/model/json/limits.ts';

const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-test-'));
after(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'config');
  writeFileSync(path, text);
  return path;
}

const refused = (measure: RegExp) => (error: unknown) =>
  error instanceof UsageError && error.message.includes('is too large') && measure.test(error.message);

test('a kubeconfig larger than what is read is refused by its measure, before anything is made of it', async () => {
  const levels = Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}x]`);
  levels[0] = 'a0: &a0 [x, x, x, x, x, x, x, x, x]';
  const cases: [string, RegExp][] = [
    [levels.join('\n'), /YAML aliases stand for more than/],
    [`a: ${'['.repeat(100)}${']'.repeat(100)}`, /nested more than 50 deep/],
    [`a: [${'x,'.repeat(KUBECONFIG_LIMITS.tokens / 2)}]`, /more than 500000 YAML tokens/],
    ['#'.repeat(KUBECONFIG_LIMITS.characters + 1), /more than 33554432 bytes/],
  ];
  for (const [text, measure] of cases) await assert.rejects(loadKubeconfig(file(text), {}), refused(measure));
});

test('one of a thousand clusters is read', async () => {
  const clusters = Array.from({ length: 1000 }, (_, i) => {
    const cluster = { server: 'https://127.0.0.1:6443', 'certificate-authority-data': 'Q'.repeat(1500) };
    return { name: `c${i}`, cluster };
  });
  const users = clusters.map(({ name }) => ({ name, user: { 'client-key-data': 'Q'.repeat(5000) } }));
  const config = await loadKubeconfig(file(JSON.stringify({ clusters, users }, null, 2)), {});
  assert.equal(config.clusters.size, 1000);
});

test('a pipe is read as a file is', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const writer = spawn('sh', ['-c', `echo 'current-context: here' > "${pipe}"`]);
  assert.equal((await loadKubeconfig(pipe, {})).currentContext, 'here');
  writer.kill();
});
