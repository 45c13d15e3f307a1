import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ensureCluster } from '../../cluster/cluster.ts';
import { toolImage } from '../../cluster/tool-image.ts';
import { freePort } from '../../support/free-port.ts';
import { aClaim } from '../support/a-claim.ts';
import { BINARY } from '../support/cli.ts';
import { codesOf, type Diagnosis } from '../support/doctor/diagnosis.ts';
import {
  giveSignKey,
  goodRun,
  type InstalledSchedule,
  SCHEDULE_OF_TOOL_FAULTS,
} from '../support/doctor/faults/own-schedule.ts';
import { assertPasteable, connectionFlags, connectionOf, paste } from '../support/doctor/pasted-advice.ts';
import { aDaemonSet, applied } from '../support/fixtures/plain-yaml.ts';
import { NODE_ADDRESS, serverInNode } from '../support/in-node-network.ts';
import { expectCode } from '../support/process.ts';

const cluster = await ensureCluster();
const skip = cluster.external && 'volumes and images are made in the node of our own cluster only';

describe('doctor on a schedule that this tool installed', { skip, concurrency: 1 }, async () => {
  if (skip) return;
  const image = await toolImage(BINARY);
  const stack = new AsyncDisposableStack();
  const release = stack.use(await applied(cluster, aDaemonSet(cluster)));
  const { namespace, kubectl, cli } = release;
  after(async () => {
    // Its role in kube-system does not go with the namespace.
    await cli.run('schedule', 'uninstall', '--yes');
    await stack.disposeAsync();
  });
  const claim = stack.use(await aClaim(cluster, release, { size: '512k', forClaimsOf: `of-${namespace}` }));
  const flags = [
    ...['--store', 'pvc://backups', '--storage-class', `of-${namespace}`, '--storage', '64Mi'],
    ...['--image', image, '--helper-image', image, '--cron', '0 0 1 1 *', '--keep-last', '2'],
  ];
  const install = async (): Promise<void> => {
    await cli.ok('schedule', 'install', ...flags, '--sign-secret', 'signing', '--no-first-run', '--yes');
  };
  const signKey = join(cli.env.HOME!, 'sign-key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', signKey]);
  const schedule: InstalledSchedule = {
    ...release,
    claim,
    signKey,
    denyingEndpoint: await denyingBucket(stack),
    reinstall: install,
  };
  // Each starts where the one before ended.
  let isSound = true;
  /** Of the areas that look at a schedule: the others look at the store, which is another one from here. */
  const diagnose = async (...words: string[]): Promise<{ code: number; diagnosis: Diagnosis & Fixed }> => {
    const only = ['--only', 'schedule', '--only', 'access', ...connectionFlags(connectionOf(cli))];
    const outcome = await cli.run('doctor', ...only, ...words, '-o', 'json');
    return { code: outcome.code, diagnosis: JSON.parse(outcome.stdout) as Diagnosis & Fixed };
  };

  test('one that works is in order', async () => {
    await giveSignKey(schedule);
    await install();
    await goodRun(kubectl, 'first');
    const { code, diagnosis } = await diagnose();
    assert.equal(code, 0, JSON.stringify(diagnosis.findings, null, 1));
    assert.ok(diagnosis.findings.some((finding) => finding.code === 'MB200'));
  });

  for (const { name, reports, says, mends, plant, heal, typed } of SCHEDULE_OF_TOOL_FAULTS) {
    test(`finds ${name}${mends.length === 0 ? '' : ', and mends what it can'}`, async () => {
      if (!isSound) return;
      isSound = false;
      await plant(schedule);
      const { code, diagnosis } = await diagnose();
      const said = JSON.stringify(diagnosis.findings, null, 1);
      assert.deepEqual(codesOf(diagnosis), [...reports].sort(), said);
      const evidence = diagnosis.findings.flatMap((each) => each.evidence.map(({ text }) => text));
      if (says !== undefined) assert.match(evidence.join('\n'), says);
      assert.equal(code, diagnosis.findings.some(({ severity }) => severity === 'fail') ? 3 : 0);
      await assertPasteable(diagnosis, release, cluster);
      if (mends.length > 0) {
        const { diagnosis: after } = await diagnose('--fix', '--yes', '--timeout', '60s');
        assert.deepEqual(
          after.fixes.map((fix) => `${fix.code} ${fix.outcome}`).sort(),
          mends.map((mended) => `${mended} fixed`).sort(),
          JSON.stringify(after, null, 1),
        );
      }
      await heal?.(schedule);
      const last = diagnosis.findings.find((each) => each.code === typed)?.fix.at(-1);
      if (typed !== undefined) await paste(last ?? '', release, cluster);
      const healed = await diagnose();
      assert.deepEqual(codesOf(healed.diagnosis), [], JSON.stringify(healed.diagnosis.findings, null, 1));
      isSound = true;
    });
  }

  test('and the schedule goes on', async () => {
    assert.ok(isSound, 'a fault before it is still there');
    await goodRun(kubectl, 'last');
    expectCode(await cli.run('doctor', '--only', 'schedule'));
  });
});

interface Fixed {
  fixes: { code: string; outcome: string }[];
}

/** As S3 answers (Amazon S3 API, "Error responses"). */
const DENIES = `require('node:http').createServer((_, answer) => answer
  .writeHead(403, { 'content-type': 'application/xml' })
  .end('<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'))
  .listen(Number(process.argv[1]), process.argv[2])`;

/** In the network of the node, for its pods. */
async function denyingBucket(stack: AsyncDisposableStack): Promise<string> {
  const port = await freePort();
  const words = [process.execPath, '-e', DENIES, String(port), NODE_ADDRESS];
  const server = await serverInNode(words, port);
  stack.defer(() => void server.kill('SIGKILL'));
  return `http://${NODE_ADDRESS}:${port}`;
}
