import assert from 'node:assert/strict';
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempDisposableSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { CheckResult } from '../../src/backup/checks/check-result.ts';
import { arrayAt, stringAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { forgeDocument, forgeFile } from '../support/small-backup.ts';
import {
  anUmbrella,
  aReleaseByAnotherName,
  aReleaseWithEverything,
  aStatefulSet,
} from './support/fixtures/helm-releases.ts';
import { ownKinds } from './support/fixtures/own-kinds.ts';
import { aDeploymentWithMountedSettings, applied } from './support/fixtures/plain-yaml.ts';
import { flatKubeconfig, writeKubeconfig } from './support/kubeconfig.ts';
import { isGone } from './support/objects.ts';
import { expectCode, type Outcome } from './support/process.ts';
import { recordingProxy, writesAmong } from './support/recording-proxy.ts';
import { aRelease, CHART, type Fixture, imageValues } from './support/release.ts';
import { RICH_VALUES } from './support/rich-values.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();
const helm3 = cluster.helms.find(({ name }) => name === 'helm3')!;
const helm4 = cluster.helms.find(({ name }) => name === 'helm4')!;

/** RBAC lets a name hold almost anything. */
const FAKING_ROLE = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: "a\\nservice b created\\e[2J"}
rules: []
`;

/** `verify` with a real Helm; the results that are not "ok", as "check what: status: why". */
async function verified(
  { cli, name }: Pick<Fixture, 'cli' | 'name'>,
  { helm = helm3.path, code = 0, args = [] as string[] } = {},
): Promise<{ passed: Set<string>; others: string[] }> {
  cli.env.HELM_BIN = helm;
  const { results } = (await cli.json(['verify', name, ...args], code)) as unknown as {
    results: CheckResult[];
  };
  const good = results.filter(({ status }) => status === 'ok');
  return {
    passed: new Set(good.map(({ check }) => check)),
    others: results.flatMap((result) =>
      result.status === 'ok' ? [] : [`${result.check} ${result.what}: ${result.status}: ${result.why}`],
    ),
  };
}

const EVERYTHING = [
  'backup.json',
  'files',
  'objects',
  'settings',
  'helm',
  'chart',
  'api-versions',
  'dry-run',
  'render',
];

test('no name, note or value of a release moves a terminal or fakes a line, in a pipe either', async () => {
  await using release = await aRelease(cluster, helm4)
    .withValues({ extraDeploy: [FAKING_ROLE], extraEnv: [{ name: 'GREETING', value: '\u202ehi\u001b[2J' }] })
    .installed();
  const { cli, helm, kubectl, name } = release;
  const chart = join(helm.home, 'chart');
  cpSync(CHART, chart, { recursive: true });
  writeFileSync(join(chart, 'templates/NOTES.txt'), 'Hello\u001b[2J\r\n\tworld\rerror: gone\n');
  await helm.ok('upgrade', name, chart, '-f', join(helm.home, 'values.json'), '--wait');
  const said: Outcome[] = [await cli.run('backup', name)];
  for (const output of ['table', 'wide', 'json', 'yaml'])
    said.push(await cli.run('show', name, '-o', output));
  assert.match(said[1]!.stdout, /^ {2}Hello\\u001b\[2J\n {2}\tworld\\u000derror: gone$/m);
  await kubectl.ok('delete', 'role', '--all');
  said.push(await cli.run('diff', name), await cli.run('restore', name, '--dry-run=server'));
  said.push(await cli.run('permissions', 'restore', name, '-o', 'yaml'));
  const restored = await cli.run('restore', name, '--yes');
  expectCode(restored);
  for (const { stdout } of said.slice(1, 3))
    assert.match(
      stdout,
      /^ {2}role\.rbac\.authorization\.k8s\.io\/a\\nservice b created\\u001b\[2J +not restored/m,
    );
  for (const { stdout, stderr } of [...said, restored])
    assert.doesNotMatch(`${stdout}${stderr}`.replaceAll(/[\n\t]/g, ''), /[\p{Cc}\p{Bidi_Control}]/u);
});

describe('a sound backup', { concurrency: true }, () => {
  for (const binary of cluster.helms) {
    test(`passes every check, writes nothing to the cluster, and is listed as verified (${binary.name})`, async () => {
      await using release = await aReleaseWithEverything(cluster, binary).installed();
      await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
      const { cli, name } = release;
      await cli.ok('backup', name);
      assert.match(await cli.ok('list', name), / yes(?:,drift)? +-m .* no +yes$/m, 'not verified yet');
      cli.env.KUBECONFIG = proxy.kubeconfig;
      const { passed, others } = await verified(release, { helm: binary.path });
      assert.deepEqual(others, []);
      assert.deepEqual([...passed], EVERYTHING);
      assert.ok(
        proxy.requests.some(({ path }) => path.includes('dryRun=All')),
        'the server was asked',
      );
      assert.deepEqual(writesAmong(proxy.requests), []);
      assert.match(await cli.ok('list', name), / [0-9]+s +yes/, 'verified some seconds ago');
    });

    test(`is rendered after an upgrade and after a rollback, too (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary)
        .withValues(RICH_VALUES)
        .withPassword()
        .installed();
      await release.upgrade({ ...release.values, memcached: { maxMemory: 24 } });
      await release.cli.ok('backup', release.name);
      assert.deepEqual((await verified(release, { helm: binary.path })).others, []);
      await release.helm.ok('rollback', release.name, '1', '--wait', '--timeout', '90s');
      await release.cli.ok('backup', release.name);
      const { passed, others } = await verified(release, { helm: binary.path });
      assert.deepEqual(others, []);
      assert.ok(passed.has('render'));
    });
  }

  test('with a hook, a Secret, and by the other Helm than the one that installed it', async () => {
    await using release = await aReleaseByAnotherName(cluster, helm4).installed();
    await release.cli.ok('backup', release.name);
    const { passed, others } = await verified(release, { helm: helm3.path });
    assert.deepEqual(others, []);
    assert.deepEqual([...passed], EVERYTHING);
  });

  test('of a StatefulSet: claims that exist are left alone, so nothing is asked of them', async () => {
    await using release = await aStatefulSet(cluster, helm3).installed();
    await release.cli.ok('backup', release.name);
    const { passed, others } = await verified(release);
    assert.deepEqual([...passed], EVERYTHING);
    assert.deepEqual(
      others,
      [0, 1].map((i) => `dry-run persistentvolumeclaim/data-ring-${i}: unchecked: it is left as it is`),
    );
  });

  test('without Helm: there is nothing to render', async () => {
    await using release = await applied(cluster, aDeploymentWithMountedSettings(cluster));
    await release.cli.ok('backup', release.name);
    const { passed } = await verified(release);
    assert.deepEqual([...passed], ['backup.json', 'files', 'objects', 'settings', 'api-versions', 'dry-run']);
  });

  test('of an umbrella chart: its subcharts are in no record, which is no failure', async () => {
    await using release = await anUmbrella(cluster, helm4);
    await release.cli.ok('backup', release.name);
    const { passed, others } = await verified(release);
    assert.deepEqual(others, ["render shop-3.0.0: unchecked: Helm's record lacks its subcharts: memcached"]);
    assert.ok(passed.has('chart'));
  });

  test('of a chart with random values: not comparable, which is no failure', async () => {
    using scratch = mkdtempDisposableSync(join(tmpdir(), 'memcached-backup-chart-'));
    const chart = join(scratch.path, 'chart');
    cpSync(CHART, chart, { recursive: true });
    writeFileSync(
      join(chart, 'templates/random.yaml'),
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: random\ndata:\n  id: {{ randAlphaNum 12 | quote }}\n',
    );
    await using release = await aRelease(cluster, helm3).fromChart(chart, imageValues(cluster)).installed();
    await release.cli.ok('backup', release.name);
    const { others } = await verified(release);
    assert.deepEqual(others, [
      "render memcached-0.1.0: unchecked: its templates don't give the same twice: they use randAlphaNum",
    ]);
  });

  test('of a release that is gone, its namespace too: what no server can try is said, exit code 0', async () => {
    await using release = await aRelease(cluster, helm4).installed();
    const { cli, name, kubectl, namespace } = release;
    await cli.ok('backup', name);
    await kubectl.objects.delete(`namespace/${namespace}`);
    const { passed, others } = await verified(release);
    assert.ok(passed.has('api-versions') && passed.has('render') && !passed.has('dry-run'));
    assert.ok(others.length > 5);
    for (const other of others)
      assert.match(other, /^dry-run .*: unchecked: its namespace does not exist yet$/);
  });
});

describe('a backup of a kind that the cluster does not serve', () => {
  test('is sound; a restore is refused before its namespace is made, or leaves the kind out', async () => {
    await using release = await aRelease(cluster, helm3).installed();
    const { cli, kubectl, name, namespace, values } = release;
    await using kinds = await ownKinds(kubectl);
    const { apiVersion, resource } = kinds.exact;
    const exact = { apiVersion, kind: 'Exact', metadata: { name: 'more' } };
    await release.upgrade({ ...values, extraDeploy: [JSON.stringify(exact)] });
    await cli.ok('backup', name);
    await kubectl.objects.delete(`namespace/${namespace}`);
    await kinds.gone();

    const { others } = await verified(release, { code: 3 });
    assert.ok(
      others.includes(`api-versions ${apiVersion} Exact: failed: this cluster does not serve it`),
      others.join(),
    );
    assert.match(
      (await cli.run('verify', name)).stderr,
      / is sound: .* This cluster would not take all of it/,
    );
    expectCode(await cli.run('verify', name, '--offline'));

    for (const words of [['--dry-run=server'], ['--yes'], ['--yes', '--into', `${namespace}-copy`]]) {
      const { stderr } = expectCode(await cli.run('restore', name, ...words), 1);
      assert.match(
        stderr,
        new RegExp(`does not serve ${apiVersion} Exact.*exact\\.\\S+/more; .*--skip-kind exact`),
      );
    }
    assert.equal(
      await kubectl.ok('get', 'namespace', namespace, `${namespace}-copy`, '--ignore-not-found'),
      '',
    );
    expectCode(await cli.run('restore', name, '--yes', '--skip-kind', 'exakt'), 2);

    const report = await cli.json(['restore', name, '--yes', '--skip-kind', resource], 5);
    assert.equal(report.outcome, 'incomplete');
    assert.deepEqual(arrayAt(report, 'skipped'), arrayAt(report, 'plan', 'skipped'));
    assert.deepEqual(
      arrayAt(report, 'skipped').map((ref) => stringAt(ref, 'name')),
      ['more'],
    );
    const again = expectCode(await cli.run('restore', name, '--yes', '--skip-kind', 'exacts'), 5);
    assert.match(again.stderr, /skip {5}exact\.\S+\/more: left out[\s\S]*Nothing to do/);
    expectCode(await cli.run('undo', name, '--yes'));
    await kubectl.objects.until(`namespace/${namespace}`, isGone);
  });
});

describe('without a cluster', { concurrency: true }, () => {
  test('show and verify --offline work; verify alone is incomplete, exit code 5', async () => {
    await using release = await aRelease(cluster, helm3).withPassword().installed();
    const { cli, name } = release;
    await cli.ok('backup', name);
    const config = await flatKubeconfig(cluster.kubectl, cluster.kubeconfig);
    const away = writeKubeconfig(config, { server: 'https://127.0.0.1:1' });
    cli.env.KUBECONFIG = away;
    try {
      assert.match(
        await cli.ok('show', name),
        /^Settings of deployment\.apps\/my-memcached \(1 of 1 pods answered/m,
      );
      const { others } = await verified(release, { code: 5 });
      assert.equal(others.length, 2);
      for (const other of others)
        assert.match(other, /^(?:api-versions|dry-run) the cluster: unchecked: .*127\.0\.0\.1:1/);
      assert.ok((await verified(release, { args: ['--offline'] })).passed.has('render'));
      cli.env.KUBECONFIG = '/nowhere';
      assert.match(await cli.ok('show', name, '-o', 'yaml'), /^kind: Deployment$/m);
      await verified(release, { code: 5 });
    } finally {
      rmSync(away, { force: true });
    }
  });

  test('of several clusters in the store, the one in use is taken; when it is away, --cluster-name is asked for', async () => {
    await using release = await aRelease(cluster, helm3).installed();
    const { cli, name } = release;
    await cli.ok('backup', name);
    const own = newestBackup(cli.store);
    await cli.ok('backup', name, '--cluster-name', 'elsewhere');
    assert.equal(
      JSON.parse(await cli.ok('show', name, '-o', 'json')).backup.cluster.name,
      own.document.cluster.name,
    );
    cli.env.KUBECONFIG = '/nowhere';
    const asked = expectCode(await cli.run('show', name), 2);
    assert.match(asked.stderr, /has backups of several clusters: .*elsewhere/);
    assert.match(asked.stderr, /^Next: name one: --cluster-name /m);
    const named = JSON.parse(await cli.ok('show', name, '--cluster-name', 'elsewhere', '-o', 'json'));
    assert.equal(named.backup.cluster.name, 'elsewhere');
  });
});

describe('show', () => {
  test('shows objects, settings, values, notes and hooks, and the way to the manifests, and no Secret', async () => {
    await using release = await aReleaseWithEverything(cluster, helm3).installed();
    const { cli, name, kubectl } = release;
    await cli.ok('backup', name);
    const text = await cli.ok('show', name);
    for (const line of [
      /^Backup: +my-memcached@\d{8}T\d{6}Z$/m,
      /^Pods: +1 of 1 ready$/m,
      /^ {2}deployment\.apps\/my-memcached +owned +manifest$/m,
      /^Settings of deployment\.apps\/my-memcached \(1 of 1 pods answered, memcached 1\.\d/m,
      /^ {2}maxbytes +33554432 \(32 MiB\) +33554432 \(32 MiB\)$/m,
      /^ {4}password: "\*\*\*"$/m,
      /^Notes:$/m,
    ]) {
      assert.match(text, line);
    }
    assert.match(await cli.ok('show', name, '-o', 'wide'), /^ {2}num_threads +<none> +4$/m);
    const yaml = expectCode(await cli.run('show', name, '-o', 'yaml'));
    assert.match(yaml.stderr, /^Warning: secrets are masked in 1 of \d+ manifests/);
    const { folder } = newestBackup(cli.store);
    assert.ok(yaml.stderr.includes(`-f ${folder}/manifests`), 'the warning names what can be applied');
    await kubectl.ok('apply', '--dry-run=server', '-f', join(folder, 'manifests'));
    const byPath = await cli.ok('show', folder, '-o', 'name');
    assert.equal(byPath, await cli.ok('show', '-o', 'name'), 'by its path, and as the only release');
  });

  test('shows the hooks of a release, and what a script tells its pods', async () => {
    await using release = await aReleaseByAnotherName(cluster, helm4).installed();
    await release.cli.ok('backup', release.name);
    const text = await release.cli.ok('show', release.name);
    assert.match(text, /^ {2}sessions-before +pre-install,pre-upgrade$/m);
    assert.match(text, /^ {2}maxbytes +16777216 \(16 MiB\) +16777216 \(16 MiB\)$/m);
  });
});

/** What happens to disks and to copies, and what somebody may do to a store. */
const SPOILED: [string, (folder: string, other: string) => void][] = [
  ['one bit of an object', (folder) => flip(join(folder, 'raw/deployment.apps-my-memcached.json'), 700)],
  ["one bit of Helm's records", (folder) => flip(join(folder, 'helm/release.json.gz'), 100)],
  ['one bit of backup.json', (folder) => flip(join(folder, 'backup.json'), 50)],
  ['a file cut off', (folder) => truncateSync(join(folder, 'settings.json'), 10)],
  ['a file removed', (folder) => rmSync(join(folder, 'manifests/deployment.apps-my-memcached.yaml'))],
  [
    "another backup's file",
    (folder, other) => cpSync(join(other, 'backup.json.sha256'), join(folder, 'backup.json.sha256')),
  ],
  [
    'a link that leaves the store',
    (folder) => {
      rmSync(join(folder, 'raw/deployment.apps-my-memcached.json'));
      symlinkSync('/etc/passwd', join(folder, 'raw/deployment.apps-my-memcached.json'));
    },
  ],
  [
    'a path that leaves the backup',
    (folder) => forgeDocument(folder, ({ objects }) => (objects[0]!.raw = '../../../../../../../etc/passwd')),
  ],
  [
    'a manifest that expands without end',
    (folder) => forgeFile(folder, 'manifests/deployment.apps-my-memcached.yaml', yamlBomb()),
  ],
  [
    'a newer format',
    (folder) => forgeDocument(folder, (document) => Object.assign(document, { formatVersion: 3 })),
  ],
  ['a backup.json that is not JSON', (folder) => writeFileSync(join(folder, 'backup.json'), 'hello\n')],
  [
    'a backup.json of 1 GB',
    (folder) => {
      closeSync(openSync(join(folder, 'backup.json'), 'a'));
      truncateSync(join(folder, 'backup.json'), 2 ** 30);
    },
  ],
];

describe('a backup that is not as it was written', () => {
  test('is refused by verify, show and restore, and shown by list, with the cause and without harm', async () => {
    await using release = await aRelease(cluster, helm3).withPassword().installed();
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    const { cli, name } = release;
    await cli.ok('backup', name);
    for (const command of ['restore', 'show', 'diff', 'verify']) {
      const { stderr } = expectCode(await cli.run(command, 'nope'), 1);
      const [, words = ''] = /^Next: .*kubectl memcached-backup (.+)$/m.exec(stderr) ?? [];
      assert.equal(words, `list -A --store ${cli.store}`, stderr);
      assert.match(await cli.ok(...words.split(' ')), new RegExp(name), 'what is advised lists the store');
    }
    const { folder } = newestBackup(cli.store);
    await cli.ok('backup', name);
    const other = newestBackup(cli.store).folder;
    renameSync(folder, `${cli.store}-whole`);
    rmSync(other, { recursive: true });
    cli.env.KUBECONFIG = proxy.kubeconfig;
    for (const [what, spoil] of SPOILED) {
      rmSync(folder, { recursive: true, force: true });
      cpSync(`${cli.store}-whole`, folder, { recursive: true });
      mkdirSync(other, { recursive: true });
      writeFileSync(join(other, 'backup.json.sha256'), `${'0'.repeat(64)}  backup.json\n`);
      spoil(folder, other);
      rmSync(other, { recursive: true });
      const id = folder.split('/').at(-1)!;
      for (const command of [
        ['verify', `${name}@${id}`, '--offline'],
        ['verify', folder, '--offline'],
        // Objects that a restore does not read and manifests are verify's business.
        ...(what.includes('manifest') || what === 'a file removed'
          ? []
          : [['restore', `${name}@${id}`, '--yes']]),
      ]) {
        const outcome = await cli.run(...command);
        assert.equal(outcome.code, 1, `${what}: ${command.join(' ')}\n${outcome.stderr}`);
        assert.match(`${outcome.stdout}${outcome.stderr}`, /damaged|failed|newer/, what);
        assert.doesNotMatch(outcome.stderr, /unexpected|root:x/, what);
        // One that is given by its path may lie anywhere: no store is known to hold others of it.
        const lists = outcome.stderr.match(/memcached-backup list [^;\n]*/g) ?? [];
        if (command[1] === folder) assert.deepEqual(lists, [], what);
        for (const list of lists)
          assert.ok(list.endsWith(` -n ${release.namespace} --store ${cli.store}`), list);
      }
      const listed = expectCode(await cli.run('list', name));
      assert.match(listed.stdout, new RegExp(id), what);
    }
    assert.deepEqual(writesAmong(proxy.requests), [], 'nothing was written');
    rmSync(`${cli.store}-whole`, { recursive: true });
  });
});

function flip(path: string, at: number): void {
  const content = readFileSync(path);
  content[at] = content[at]! ^ 1;
  writeFileSync(path, content);
}

function yamlBomb(): string {
  const lines = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`);
  return `a0: &a0 [x, x]\n${lines.join('\n')}\n`;
}
