import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../src/model/json/json.ts';
import { refOf } from '../../src/model/kubernetes/object.ts';
import type { PlannedObject } from '../../src/model/plan/plan.ts';
import type { JournalStart } from '../../src/model/records/journal.ts';
import { type ChainEnd, chainedLine, readChain } from '../../src/store/journal/journal-chain.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { aCart } from './support/fixtures/a-cart.ts';
import { expectCode } from './support/process.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();

/** The journal with another first line, its chain made anew. */
function forge(journal: Buffer, change: (start: JournalStart) => JournalStart): Buffer {
  const [start, ...others] = readChain(journal).lines.map((line) => JSON.parse(line) as JsonObject);
  let end: ChainEnd = { chain: '', size: 0 };
  const lines = [change(start as unknown as JournalStart), ...others].map((entry) => {
    const line = chainedLine(entry, end);
    end = line.end;
    return line.bytes;
  });
  return Buffer.concat(lines);
}

describe('a store that others can write', () => {
  test('what they put beside a restore is refused, named, and never in the way', async () => {
    const settings: JsonObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'cart' } };
    const spec = { selector: { 'app.kubernetes.io/instance': 'cart' }, ports: [{ port: 11211 }] };
    await using cart = await aCart(cluster, {}, [{ ...settings, spec }]);
    const { cli, kubectl, namespace } = cart;
    await cli.ok('backup', 'cart');
    const folder = dirname(newestBackup(cli.store).folder);
    await kubectl.objects.delete('service/cart');

    // Neither hangs a restore, nor is it taken for one.
    const pipe = join(folder, '.restore-20200101T000000Z.jsonl');
    execFileSync('mkfifo', [pipe]);
    mkdirSync(join(folder, '.restore-20200102T000000Z.jsonl'));
    symlinkSync('/dev/zero', join(folder, '.restore-20200103T000000Z.jsonl'));
    const restored = expectCode(await cli.run('restore', 'cart', '--yes'), 0);
    assert.match(restored.stderr, /the journal \S+20200101T000000Z.jsonl can't be read: \S+ is not a file/);

    const [name = ''] = readdirSync(folder)
      .filter((each) => each.startsWith('.restore-'))
      .sort()
      .slice(-1);
    const location = join(folder, name);
    const honest = readFileSync(location);
    const victim = `${namespace}-victim`;
    const invented: JsonObject[] = [
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: victim },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: victim, namespace: 'default' },
        data: { a: 'b' },
      },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: victim, namespace }, data: { a: 'b' } },
    ];
    for (const object of invented) {
      const ref = refOf(object);
      const planned: PlannedObject = {
        action: 'create',
        ref,
        role: 'owned',
        reason: '',
        changes: [],
        checked: true,
      };
      writeFileSync(
        location,
        forge(honest, (start) => ({
          ...start,
          plan: { ...start.plan, objects: [...start.plan.objects, planned] },
          preImages: [...start.preImages, { ref, object }],
        })),
      );
      const refused = expectCode(await cli.run('undo', 'cart', '--yes'), 1);
      assert.match(refused.stderr, /says what no restore of cart does: \S+: /);
      assert.match(refused.stderr, /The cluster was not changed by the undo/);
      const place = ref.namespace === undefined ? [] : ['-n', ref.namespace];
      assert.equal(
        await kubectl.ok('get', ref.kind, victim, ...place, '--ignore-not-found', '-o', 'name'),
        '',
      );
    }
    await kubectl.objects.get('service/cart');

    // Edited without a new chain; gone, with another thing in its place: no older journal is taken instead.
    writeFileSync(location, honest.toString().replace('"action":"create"', '"action":"delete"'));
    assert.match(
      expectCode(await cli.run('undo', 'cart', '--yes'), 1).stderr,
      /line 1 is not as it was written/,
    );
    const later = join(folder, '.restore-20991231T000000Z.jsonl');
    writeFileSync(location, honest);
    execFileSync('mkfifo', [later]);
    const newest = expectCode(await cli.run('undo', 'cart', '--yes'), 1);
    assert.match(newest.stderr, /20991231T000000Z.jsonl can't be read: .*no older restore was taken back/s);
    rmSync(later);

    const undone = expectCode(await cli.run('undo', 'cart', '--yes'), 0);
    assert.doesNotMatch(undone.stderr, /stays/);
    assert.equal(await kubectl.objects.find('service/cart'), undefined);

    // Who else can write there is told; the backup is saved.
    chmodSync(cli.store, 0o777);
    const told = expectCode(await cli.run('backup', 'cart'), 0);
    assert.match(told.stderr, /others can write to \S+: its mode 0777 lets everybody write/);
    const plan = await cli.run('restore', 'cart', '--dry-run=client', '-o', 'json');
    assert.match(plan.stdout, /others can write to .*: its mode 0777 lets everybody write/);

    // A folder that is a link: what was written through it would not be seen again.
    renameSync(folder, `${cli.store}-moved`);
    symlinkSync(`${cli.store}-moved`, folder);
    for (const command of [
      ['backup', 'cart'],
      ['restore', 'cart', '--yes'],
      ['undo', 'cart', '--yes'],
    ]) {
      const { code, stderr } = await cli.run(...command);
      assert.notEqual(code, 0);
      assert.match(stderr, /is a symbolic link/, command.join(' '));
    }
    rmSync(`${cli.store}-moved`, { recursive: true });
  });
});
