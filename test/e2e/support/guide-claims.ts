import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  guideBackup,
  guideConfigurationRecovery,
  guideCronScript,
  guideLooks,
  guideObjectExport,
  guideRecreation,
  guideRetention,
  guideRole,
  guideRollback,
  guideTestScript,
} from '../../../scripts/demo/guide.ts';
import { fillCache, itemCount, podsOf, statsSettings } from './memcached.ts';
import type { TestNamespace } from './namespace.ts';
import { expectCode, type Outcome } from './process.ts';
import { CHART, type TestRelease } from './release.ts';
import { rolledOut } from './rollout.ts';
import type { Shell } from './shell.ts';

/** A release of the guide's own kind of chart, another one beside it, and a shell to type the guide's commands in. */
export interface GuideWorld {
  release: TestRelease;
  /** In the same namespace; its name does not say "memcached". */
  other: TestRelease;
  /** That somebody has things in. */
  testNamespace: TestNamespace;
  shell: Shell;
}

/** Something in the guide that does not do what it says, and what shows it. */
export interface Claim {
  command: string;
  happens: string;
  instead: string;
  /** In this order, in one world. */
  proof(world: GuideWorld): Promise<void>;
}

const MIB = 1024 * 1024;
/** What the release has when it is backed up, and what a bad upgrade makes of it. */
export const GOOD_MEMORY = 32;
const BAD_MEMORY = 8;

export const CLAIMS: Claim[] = [
  {
    command: 'Method 1: `kubectl get configmap RELEASE -o yaml > FILE`',
    happens:
      'A release called `front` has a ConfigMap called `front-memcached`: NotFound, and an empty file that looks like a backup.',
    instead: '`backup` takes the names from what Helm installed, and writes nothing that is not whole.',
    proof: async ({ other, shell }) => {
      const exported = await shell.run(guideBackup(placeOf(other))[0]!);
      assert.match(expectCode(exported, 1).stderr, /configmaps "front" not found/);
      assert.equal(statSync(join(shell.folder, 'memcached-config-backup.yaml')).size, 0);
      await other.cli.ok('backup', other.name);
    },
  },
  {
    command: 'Method 2: `kubectl get all,cm,secret,pdb,networkpolicy -l app.kubernetes.io/name=memcached`',
    happens:
      "Holds every memcached release of the namespace, and of none its ServiceAccount, Role, RoleBinding and Helm's history.",
    instead: '`backup RELEASE`: what the release owns and what it refers to, with every Helm revision.',
    proof: async ({ release, shell }) => {
      expectCode(await shell.run(guideObjectExport(placeOf(release))));
      const text = readFileSync(join(shell.folder, 'memcached-k8s-backup.yaml'), 'utf8');
      assert.match(text, /name: front-memcached\n/);
      assert.match(text, /name: my-memcached\n/);
      assert.doesNotMatch(text, /^ {2}kind: (ServiceAccount|Role|RoleBinding)$/m);
      assert.doesNotMatch(text, /sh\.helm\.release\.v1/);
      const names = await release.cli.ok('show', release.name, '-o', 'wide');
      assert.match(names, /rolebinding/);
      assert.doesNotMatch(names, /front-memcached/);
    },
  },
  {
    command: 'Scenario 1: `kubectl apply -f memcached-config-backup.yaml`',
    happens:
      'Refused as soon as anybody has changed the ConfigMap: the export carries a resourceVersion (409).',
    instead: '`restore` makes what it writes from the backup and the live object.',
    proof: async ({ release, shell }) => {
      for (const command of guideBackup(placeOf(release))) expectCode(await shell.run(command));
      await release.upgrade({ ...release.values, memcached: { maxMemory: BAD_MEMORY } });
      const [apply] = guideConfigurationRecovery(placeOf(release));
      assert.match(expectCode(await shell.run(apply!), 1).stderr, /the object has been modified/);
    },
  },
  {
    command: 'Scenario 1: `kubectl rollout restart`, to apply the ConfigMap',
    happens:
      'No pod reads it, memcached is configured by its arguments: every cache is emptied, and every setting stays wrong.',
    instead: '`restore` puts the arguments back, and asks each pod for `stats settings` afterwards.',
    proof: async ({ release, shell }) => {
      const { kubectl, name } = release;
      for (const pod of await podsOf(kubectl, name)) await fillCache(kubectl, pod, 3);
      // Without its `kubectl wait`, which waits in vain, to its end, for a pod of before that it still found. What it looks at comes next.
      const [, restart] = guideConfigurationRecovery(placeOf(release));
      expectCode(await shell.run(restart!));
      await assertRunsWith(release, BAD_MEMORY);
      for (const pod of await podsOf(kubectl, name)) assert.equal(await itemCount(kubectl, pod), 0);
    },
  },
  {
    command: 'Scenario 1: `kubectl exec POD -- memcached -h | grep`, to verify',
    happens: 'Succeeds whatever the settings are: it is the help text of the program.',
    instead: '`restore` proves itself by `stats settings`; `diff` compares them at any time.',
    proof: async ({ release, shell }) => {
      const { stdout } = expectCode(await shell.run(guideLooks(placeOf(release)).help));
      assert.match(stdout, /max simultaneous connections \(default: 1024\)/);
      assert.doesNotMatch(stdout, new RegExp(`\\b(${GOOD_MEMORY}|${BAD_MEMORY})\\b`));
    },
  },
  {
    command: 'Scenario 1: `… | nc localhost 11211`, to test the cache',
    happens: "Asks the operator's own machine, where no memcached is.",
    instead: 'A canary key is set, read and deleted in every pod, through the API server.',
    proof: async ({ release, shell }) => {
      assert.notEqual((await shell.run(guideLooks(placeOf(release)).laptop)).code, 0);
    },
  },
  {
    command: 'Issue 3: `kubectl describe pod | grep -A5 "Environment:"`, to see the configuration in use',
    happens: 'Shows the environment, and the settings are in the arguments.',
    instead: '`show` has arguments, environment and what the pods said.',
    proof: async ({ release, shell }) => {
      const { stdout } = expectCode(await shell.run(guideLooks(placeOf(release)).environment));
      // A volume has a name by chance, such as kube-api-access-m48zx.
      const shown = stdout.replaceAll(/kube-api-access-\w+/g, 'kube-api-access');
      assert.doesNotMatch(shown, new RegExp(`-m|${GOOD_MEMORY}|\\b${BAD_MEMORY}\\b`));
      assert.match(await release.cli.ok('show', release.name), /maxbytes|memory/i);
    },
  },
  {
    command: 'Scenario 3: `kubectl apply -f values.yaml`, and restart',
    happens:
      'Values are no manifest: apiVersion and kind not set. The ConfigMap is refused as above; the restart empties the caches again.',
    instead:
      '`rollback RELEASE`: the newest backup that differs from how it is now; `--to ID`, `yesterday` or a Git tag for another.',
    proof: async ({ release, shell }) => {
      const outcomes: Outcome[] = [];
      for (const command of guideRollback(placeOf(release))) outcomes.push(await shell.run(command));
      assert.deepEqual(
        outcomes.map(({ code }) => code),
        [1, 1, 0, 0],
      );
      assert.match(outcomes[1]!.stderr, /apiVersion not set, kind not set/);
      await assertRunsWith(release, BAD_MEMORY);
    },
  },
  {
    command: 'Scenario 2: `kubectl create namespace` and `helm install`, where the workload alone is gone',
    happens: 'Both are refused: the namespace exists, and so does the release.',
    instead: '`restore` creates what is missing, whatever that is.',
    proof: async ({ release, shell }) => {
      const { kubectl, name } = release;
      await kubectl.objects.delete(`deployment/${name}`);
      const [create, , install] = guideRecreation(placeOf(release));
      assert.match(expectCode(await shell.run(create!), 1).stderr, /AlreadyExists/);
      assert.match(expectCode(await shell.run(install!), 1).stderr, /cannot (re-use|reuse) a name/);
      await release.cli.ok('restore', name, '--yes');
      await assertRunsWith(release, GOOD_MEMORY);
    },
  },
  {
    command: 'CronJob: its Role allows `configmaps`',
    happens:
      "`helm get values` is forbidden, because Helm's records are Secrets, and the `>` has emptied the file by then.",
    instead:
      '`schedule install --replace memcached-backup` makes a CronJob with the Role that a backup needs (`permissions backup` prints it), and proves it by a first run.',
    proof: async ({ release, shell }) => {
      await release.kubectl.apply(...guideRole(placeOf(release)));
      const account = `system:serviceaccount:${release.namespace}:memcached-backup-sa`;
      const [, values] = guideBackup(placeOf(release));
      const asked = await shell.run(`${values} --kube-as-user ${account}`);
      assert.match(expectCode(asked, 1).stderr, /cannot list resource "secrets"/);
      assert.equal(statSync(join(shell.folder, 'memcached-values-backup.yaml')).size, 0);
    },
  },
  {
    command: 'CronJob: its script',
    happens:
      'With every command failing it still says "Backup completed successfully", leaves empty files, and deletes the last good ones once they are 30 days old.',
    instead:
      'A backup that fails says so in its exit code and leaves nothing; one that lacks objects exits 5.',
    proof: async ({ release, shell }) => {
      const folder = join(shell.folder, 'backup');
      mkdirSync(folder);
      writeOld(join(folder, 'config-20250101.yaml'), 'the last good one');
      const script = guideCronScript({ ...placeOf(release), release: 'renamed-since' }, folder);
      assert.match(expectCode(await shell.run(script)).stdout, /Backup completed successfully/);
      const left = readdirSync(folder);
      assert.equal(left.length, 2);
      for (const file of left) assert.equal(statSync(join(folder, file)).size, 0, file);
      expectCode(await release.cli.run('backup', 'renamed-since'), 1);
    },
  },
  {
    command: 'retention-cleanup.sh',
    happens:
      'Deletes every `*.yaml` older than 30 days, the last one too, and never a `*.tar.gz`, which is what method 2 makes.',
    instead: 'Nothing deletes backups unasked.',
    proof: async ({ shell }) => {
      const folder = join(shell.folder, 'backups');
      mkdirSync(folder);
      for (const file of ['the-only.yaml', 'memcached-backup-20250101-120000.tar.gz'])
        writeOld(join(folder, file), 'old');
      expectCode(await shell.run(guideRetention(folder)));
      assert.deepEqual(readdirSync(folder), ['memcached-backup-20250101-120000.tar.gz']);
    },
  },
  {
    command: 'test-backup.sh',
    happens:
      'Deletes the namespace that it tested in, also where that existed before, with all that is in it.',
    instead:
      '`drill` restores it into a namespace of its own, and deletes only that; `verify` and `restore --dry-run=server` write nothing.',
    proof: async ({ release, testNamespace, shell }) => {
      const { kubectl, namespace } = testNamespace;
      await kubectl.ok('create', 'configmap', 'of-somebody', '--from-literal=a=b');
      expectCode(await shell.run(guideTestScript(placeOf(release), namespace)));
      assert.equal(await kubectl.objects.find(`namespace/${namespace}`), undefined);
    },
  },
  {
    command: 'Scenario 2, where the namespace is gone',
    happens:
      'Works, with the chart of today: the settings are right. The history begins again at revision 1, and the values have gained a key, `USER-SUPPLIED VALUES`, because `helm get values` prints a title.',
    instead: '`restore`: the chart, the values and every revision that there was.',
    proof: async ({ release, shell }) => {
      const { helm, kubectl, name, namespace } = release;
      const revisions = (await helm.history(name)).length;
      assert.ok(revisions > 1);
      for (const command of guideBackup(placeOf(release))) expectCode(await shell.run(command));
      await kubectl.objects.delete(`namespace/${namespace}`);
      const [create, apply, install] = guideRecreation(placeOf(release));
      for (const command of [create, apply, install]) expectCode(await shell.run(command!));
      await assertRunsWith(release, GOOD_MEMORY);
      assert.equal((await helm.history(name)).length, 1);
      assert.match(await helm.ok('get', 'values', name), /^USER-SUPPLIED VALUES: null$/m);
    },
  },
];

function placeOf({ name, namespace }: TestRelease) {
  return { release: name, namespace, chart: CHART };
}

async function assertRunsWith({ kubectl, name }: TestRelease, memory: number): Promise<void> {
  await rolledOut(kubectl, `deployment/${name}`);
  const settings = await statsSettings(kubectl, name);
  assert.deepEqual(
    settings.map(({ maxbytes }) => maxbytes),
    [String(memory * MIB)],
  );
}

/** 40 days ago. */
function writeOld(file: string, text: string): void {
  writeFileSync(file, text);
  const then = Date.now() / 1000 - 40 * 86_400;
  utimesSync(file, then, then);
}
