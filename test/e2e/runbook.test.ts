import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { arrayAt, type JsonObject, stringAt } from '../../src/model/json/json.ts';
import { SCHEDULE_LABELS } from '../../src/model/schedule/scheduled-store.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { cliFor, DIST } from './support/cli.ts';
import { contextFor } from './support/kubeconfig.ts';
import { describe as describeRun, expectCode, type Outcome, run, SHORT_LIVED_GO } from './support/process.ts';
import { aRelease } from './support/release.ts';
import { resourceVersions } from './support/resource-versions.ts';

const cluster = await ensureCluster();
const release = await aRelease(cluster, cluster.helms[0]!).withPassword().installed();
after(() => release[Symbol.asyncDispose]());
const { name, namespace, kubectl } = release;
/** The current context is in the namespace "default", "staging" in the release's. */
const kubeconfig = await contextFor(cluster, { context: 'staging', namespace });
const cli = cliFor(cluster, { namespace, kubeconfig, secrets: release.secrets });
after(() => {
  cli[Symbol.dispose]();
  rmSync(kubeconfig);
});

const CONTACTS = '# On call\n\n- Jane, +49 555 1234 (`#cache` in the chat)\n';

describe('a runbook', { concurrency: 1 }, () => {
  let text = '';

  test('of a release that is backed up names everything, and says what is missing; nothing is written to the cluster', async () => {
    await cli.ok('backup', name);
    await cli.ok('backup', name);
    await cli.ok('verify', name);
    // Before there is a schedule, it says how to make one.
    const without = await cli.ok('runbook', name, '--context', 'staging');
    const [, missing = ''] = /^### What is missing\n([\s\S]*?)^## /m.exec(without) ?? [];
    const advised = commandsIn(missing);
    assert.deepEqual(
      advised.map(({ word }) => word),
      ['schedule install', 'schedule install', 'alerts'],
    );
    using shell = aStrangersShell();
    for (const { line, proof } of advised) proof(await shell.paste(line));
    await kubectl.apply(aSchedule());
    const contacts = join(cli.env.HOME!, 'contacts.md');
    writeFileSync(contacts, CONTACTS);
    const before = await resourceVersions(kubectl, namespace);

    text = await cli.ok('runbook', name, '--context', 'staging', '--contacts', contacts, '--rto', '10m');

    assert.deepEqual(await resourceVersions(kubectl, namespace), before);
    const [previous, newest] = (await cli.ok('list', '-o', 'name')).trim().split('\n').sort();
    assert.ok(previous !== newest && text.includes(newest!.split('@')[1]!));
    for (const said of [
      /^# Runbook: memcached in `\S+`$/m,
      /^\| `\S+` \| `my-memcached` \| memcached \S+, revision 1 \| `deployment\.apps\/my-memcached` × 1 \| /m,
      /^\| `\S+\/nightly` \| all releases of `\S+` \| `0 2 \* \* \*`, `Europe\/Berlin` \| `\d{4}-.* UTC` \| \*\*none yet\*\* \| `--keep-within 30d` \| no \| yes \|$/m,
      /^\| Time until a release is back \(RTO\) \| 10m \| no drill measured yet \|$/m,
      /^- \[ \] Configuration backed up daily: not known: /m,
      /^- \[ \] Automated backup CronJob deployed: not known: cronjob\/nightly has not succeeded yet$/m,
      /^- \[x\] Backup retention policy configured \(30 days\): cronjob\/nightly --keep-within 30d$/m,
      /^- \[ \] Off-cluster backup storage configured \(S3\/Git\): \S+ is a folder$/m,
      /^- \[ \] Quarterly DR drills scheduled: no drill was measured yet$/m,
      /^- \[x\] Recovery runbooks documented: this page$/m,
      /^> # On call\n>\n> - Jane, \+49 555 1234 \(`#cache` in the chat\)$/m,
    ])
      assert.match(text, said);
  });

  test('has commands that work when they are pasted, somewhere else, in a shell of another context and without a store', async () => {
    using shell = aStrangersShell();
    const commands = commandsIn(text);
    assert.ok(commands.length > 20, text);
    const before = await resourceVersions(kubectl, namespace);
    for (const word of ['schedule status', 'schedule logs', 'schedule run'])
      assert.ok(
        commands.some((command) => command.word === word),
        word,
      );
    // It asks nobody, and would run what can't be run here.
    for (const { line, proof } of commands.filter(({ word }) => word !== 'schedule run'))
      proof(await shell.paste(line));
    assert.deepEqual(
      await resourceVersions(kubectl, namespace),
      before,
      'none of them changed anything unasked',
    );
  });

  test('is written to a file whole, and never over one that is there unasked', async () => {
    const file = join(cli.env.HOME!, 'runbook.md');
    await cli.ok('runbook', '--output-file', file);
    const first = readFileSync(file, 'utf8');
    assert.match(first, /^# Runbook: memcached in /);
    const again = expectCode(await cli.run('runbook', '--output-file', file), 2);
    assert.match(again.stderr, /runbook\.md is there already/);
    assert.equal(readFileSync(file, 'utf8'), first);
    await cli.ok('runbook', '--output-file', file, '--force');
  });

  test('of nothing is none', async () => {
    using elsewhere = cliFor(cluster, { namespace: 'kube-node-lease' });
    const outcome = expectCode(await elsewhere.run('runbook'), 1);
    assert.match(outcome.stderr, /^error: no memcached release was found in namespace kube-node-lease$/m);
    assert.equal(outcome.stdout, '');
  });
});

test('status --checklist says the same of each box, in eighty columns and as data', async () => {
  const shown = expectCode(await cli.run('status', '--checklist')).stdout;
  const [, checklist = ''] = shown.split('\n\n');
  const lines = checklist.trimEnd().split('\n');
  assert.equal(lines.filter((line) => /^\[[x ?]\] /.test(line)).length, 8, shown);
  assert.match(checklist, /^\[x\] Backup retention policy configured \(30 days\)\n {6}cronjob\/nightly/m);
  const [entry] = arrayAt(await cli.json(['status', '--checklist']), 'items');
  const states = arrayAt(entry, 'checklist').map(
    (box) => `${stringAt(box, 'box')} ${stringAt(box, 'state')}`,
  );
  assert.equal(states.length, 8);
  assert.ok(states.includes('retention ticked') && states.includes('drills open'), states.join(', '));
});

interface PastedCommand {
  line: string;
  /** The command: "restore". */
  word: string;
  /** What the runbook promises of it. */
  proof(outcome: Outcome): void;
}

/** Every command of the runbook's blocks, in its order; one that stands there again once. */
function commandsIn(markdown: string): PastedCommand[] {
  const blocks = [...markdown.matchAll(/^```sh\n([\s\S]*?)\n```$/gm)].map(([, block]) => block ?? '');
  const lines = blocks.flatMap((block) => block.split('\n')).filter((line) => !line.startsWith('#'));
  return [...new Set(lines)].map((line) => ({ line, word: wordOf(line), proof: proofOf(line) }));
}

function wordOf(line: string): string {
  const words =
    / memcached-backup .*?\b(schedule \w+|alerts|permissions|diff|list|show|verify|status|doctor|runbook|backup|restore|prune|rollback|undo|drill) /;
  return words.exec(line)?.[1] ?? '';
}

function proofOf(line: string): PastedCommand['proof'] {
  const ends =
    (...codes: number[]) =>
    (outcome: Outcome): void =>
      assert.ok(codes.includes(outcome.code), `${line}\n${describeRun(outcome)}`);
  const isDry = line.includes(' --dry-run');
  switch (wordOf(line)) {
    case 'diff':
    case 'doctor':
      return ends(0, 3);
    case 'restore':
    case 'rollback':
    case 'prune':
      // What asks refuses where there is nobody to ask, unless there is nothing to do.
      return isDry ? ends(0) : ends(0, 2);
    case 'status':
      return ends(0);
    case 'drill':
      // It asks, and there is nobody to ask.
      return ends(2);
    case 'undo':
      // Nothing was restored yet.
      return ends(1);
    case 'schedule logs':
      // There was no run yet.
      return ends(1);
    case 'schedule install':
      return isDry ? ends(0) : ends(2);
    case '':
      throw new Error(`the runbook has a command that is none of this tool: ${line}`);
    default:
      return ends(0);
  }
}

/** Of somebody who has kubectl, the plugin and the team's kubeconfig, and nothing of what the runbook was written with. */
function aStrangersShell(): Disposable & { paste(line: string): Promise<Outcome> } {
  const folder = join(cli.env.HOME!, 'stranger');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  symlinkSync(cluster.kubectl, join(folder, 'bin', 'kubectl'));
  symlinkSync(cluster.helms[0]!.path, join(folder, 'bin', 'helm'));
  const env = {
    ...SHORT_LIVED_GO,
    HOME: folder,
    KUBECONFIG: kubeconfig,
    PATH: [join(folder, 'bin'), DIST, process.env.PATH].join(delimiter),
  };
  return {
    paste: (line) => run('/bin/sh', ['-c', line], { cwd: folder, env }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** As an install makes it, of an image that never runs here. */
function aSchedule(): JsonObject {
  const container = {
    name: 'backup',
    image: 'registry.example/ours:1',
    args: [
      'backup',
      '-n',
      namespace,
      '--store',
      's3://backups/x',
      '--s3-endpoint',
      'http://127.0.0.1:1',
      '--keep-within',
      '30d',
      '--verify',
    ],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly', labels: { ...SCHEDULE_LABELS } },
    spec: {
      schedule: '0 2 * * *',
      timeZone: 'Europe/Berlin',
      jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } },
    },
  };
}
