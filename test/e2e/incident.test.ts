import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import { REPOSITORY } from './support/cli.ts';
import { eventually } from './support/eventually.ts';
import { expectCode, type Outcome } from './support/process.ts';
import { aRelease } from './support/release.ts';

const cluster = await ensureCluster();

/** The command of each situation of docs/incident.md, without the name that the tool is called by. */
const COMMANDS = [
  ...readFileSync(join(REPOSITORY, 'docs/incident.md'), 'utf8').matchAll(
    /^## \d\. [\s\S]*?```sh\nkubectl memcached-backup (.+) -n cache\n/gm,
  ),
].map(([, words = '']) => words);

test('the five commands of docs/incident.md do what the page says, one situation after the other', async () => {
  await using release = await aRelease(cluster, cluster.helms.at(-1)!).installed();
  const { cli, name, helm, values } = release;
  const typed = (situation: number, ...more: string[]): Promise<Outcome> => {
    const words = COMMANDS[situation - 1]?.replace('my-memcached', name).split(' ') ?? [];
    return cli.run(...words, ...more);
  };
  await cli.ok('backup', name);

  await release.upgradeBadly({ ...values, memcached: { extraArgs: ['--no-such-flag'] } });
  await eventually(async () => {
    const found = expectCode(await typed(1), 3);
    assert.match(found.stdout, /MB535/);
  });
  await cli.run('backup', name);
  const back = expectCode(await typed(2, '--yes'));
  assert.match(back.stdout, /^Proved: pod\//m, 'the newest backup is of the crash loop');
  await cli.ok('backup', name);

  await release.upgrade({ ...values, memcached: { maxMemory: 8 } });
  assert.match(expectCode(await typed(3), 3).stdout, /^maxbytes +8388608 \(8 MiB\)/m);

  await helm.ok('uninstall', name, '--wait');
  const again = expectCode(await typed(4, '--yes'));
  assert.match(again.stdout, /^deployment\.apps\/\S+ created$/m);
  assert.match(again.stdout, /^Proved: pod\//m);

  const undone = expectCode(await typed(5, '--yes'));
  assert.match(undone.stdout, /^deployment\.apps\/\S+ deleted$/m, 'there was none before');
});
