import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckResult } from '../../../src/backup/checks/check-result.ts';
import { effectiveRevision, type HelmRevision, manifestOf } from '../../../src/model/helm/helm-release.ts';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { checkRender } from '../../../src/verify/check-render.ts';
import { unrepeatable } from '../../../src/verify/unrepeatable.ts';
import { aRevision } from '../../support/helm-records.ts';
import { PASSWORD, SMALL, writeSmallBackup } from '../../support/small-backup.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { fakeHelm } from './fake-helm.ts';

const MANIFEST = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cart\ndata:\n  memory: "64"\n';
const HOOK = 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: warm}\n';

interface Case {
  manifest?: string;
  template?: string;
  metadata?: JsonObject;
  revision?: number;
}

function aHistory({
  manifest = MANIFEST,
  template = 'kind: ConfigMap\n',
  metadata,
  revision = 1,
}: Case): HelmRevision[] {
  return [
    aRevision(revision, 'deployed', {
      manifest,
      config: { auth: { password: PASSWORD } },
      chart: {
        metadata: { name: 'memcached', version: '1.2.3', apiVersion: 'v2', ...metadata },
        templates: [{ name: 'templates/a.yaml', data: Buffer.from(template).toString('base64') }],
      },
      hooks: [{ name: 'warm', kind: 'Job', manifest: HOOK }],
    }),
  ];
}

/** Renders a backup with a Helm that answers as `script` says; $RENDERED is what the backup's manifest and hook are. */
async function render(
  t: TestContext,
  options: Case,
  script: string,
): Promise<{ result: CheckResult; calls: string[] }> {
  const root = await temporaryFolder(t);
  const store = await openStore(join(root, 'store'));
  const history = aHistory(options);
  await writeSmallBackup(store, { history });
  writeFileSync(join(root, 'rendered'), `${manifestOf(effectiveRevision(history)!)}---\n${HOOK}`);
  const helm = fakeHelm(root, script.replaceAll('$RENDERED', join(root, 'rendered')));
  const reader = await store.open(SMALL);
  const results = await checkRender(reader, history, helm.path, new AbortController().signal);
  const calls = existsSync(helm.calls) ? readFileSync(helm.calls, 'utf8').trim().split('\n') : [];
  assert.equal(results.length, 1);
  assert.equal(results[0]?.what, 'memcached-1.2.3');
  return { result: results[0]!, calls };
}

function whyOf(result: CheckResult): string {
  return result.status === 'ok' ? '' : `${result.status}: ${result.why}`;
}

test('the same manifest and hooks pass, whatever their order and their writing', async (t) => {
  const { result } = await render(
    t,
    {},
    `printf '${HOOK.replaceAll('\n', '\\n')}---\\n{"kind":"ConfigMap"'; echo ',"apiVersion": "v1", "data": {"memory": "64"}, "metadata": {"name": "cart"}}'`,
  );
  assert.equal(result.status, 'ok', whyOf(result));
});

test('Helm is given the name, the namespace, the version of the cluster and the kinds that it served', async (t) => {
  const { calls } = await render(t, {}, 'cat $RENDERED');
  assert.match(
    calls.join(),
    /^template cart \S+\/helm\/chart --values \S+\/helm\/values\.yaml --namespace shop --kube-version v1\.34\.4 --api-versions v1 --api-versions v1\/ConfigMap --api-versions batch\/v1 --api-versions batch\/v1\/Job$/,
  );
});

test('Helm finds the chart and the values of the backup, and nothing is left of them afterwards', async (t) => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('memcached-backup-render-'));
  const { result } = await render(
    t,
    {},
    `[ "$(cat "$3/templates/a.yaml")" = 'kind: ConfigMap' ] && grep -q ${PASSWORD} "$5" && cat $RENDERED`,
  );
  assert.equal(result.status, 'ok', whyOf(result));
  assert.deepEqual(
    readdirSync(tmpdir()).filter((name) => name.startsWith('memcached-backup-render-')),
    before,
  );
});

test('after an interruption neither Helm nor the values are left', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openStore(join(root, 'store'));
  const history = aHistory({});
  await writeSmallBackup(store, { history });
  const helm = fakeHelm(root, `echo "$3" > '${root}/chart'; echo $$ > '${root}/pid'; exec sleep 60`);
  const interruption = new AbortController();
  const rendering = checkRender(await store.open(SMALL), history, helm.path, interruption.signal);
  while (!existsSync(join(root, 'pid')) || readFileSync(join(root, 'pid'), 'utf8') === '') await sleep(20);
  const chart = readFileSync(join(root, 'chart'), 'utf8').trim();
  assert.ok(existsSync(chart));
  interruption.abort();
  assert.ok(!existsSync(join(chart, '../..')), 'gone in the same instant');
  await rendering;
  const pid = Number(readFileSync(join(root, 'pid'), 'utf8'));
  // A killed process has its number until its parent has heard of its end.
  for (let tries = 0; tries < 100 && isAlive(pid); tries++) await sleep(50);
  assert.equal(isAlive(pid), false);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a chart that asks whether it is an upgrade is rendered both ways', async (t) => {
  const onlyUpgrade = 'case "$*" in *--is-upgrade*) cat $RENDERED ;; *) echo "kind: Other" ;; esac';
  const first = await render(t, { revision: 1 }, onlyUpgrade);
  assert.equal(first.result.status, 'ok', whyOf(first.result));
  assert.equal(first.calls.length, 2, 'the first revision is an installation in the first place');
  const later = await render(t, { revision: 3 }, onlyUpgrade);
  assert.equal(later.calls.length, 1);
  const rolledBack = await render(
    t,
    { revision: 3 },
    'case "$*" in *--is-upgrade*) echo "kind: Other" ;; *) cat $RENDERED ;; esac',
  );
  assert.equal(rolledBack.result.status, 'ok', whyOf(rolledBack.result));
});

test('a large number is the same whether it came from --set or from a file', async (t) => {
  const manifest = MANIFEST.replace('"64"', '"-c 1000000"');
  const { result } = await render(t, { manifest }, `sed 's/1000000/1e+06/' $RENDERED`);
  assert.equal(result.status, 'ok', whyOf(result));
});

test('a number that is no integer, or text like one, is left as it is', async (t) => {
  for (const number of ['1.2345678e+06', '2.5e+00', '1.0e+00']) {
    const { result } = await render(t, { manifest: MANIFEST.replace('64', number) }, 'cat $RENDERED');
    assert.equal(result.status, 'ok', `${number}: ${whyOf(result)}`);
  }
});

for (const [what, script, named] of [
  ['another value', `sed 's/"64"/"65"/' $RENDERED`, 'configmap/cart'],
  [
    'an object more',
    `cat $RENDERED; printf -- '---\\napiVersion: v1\\nkind: Service\\nmetadata: {name: x}\\n'`,
    'service/x',
  ],
  ['an object less', `printf '${HOOK.replaceAll('\n', '\\n')}'`, 'configmap/cart'],
  ['no hook', `sed '/^---$/,$d' $RENDERED`, 'job.batch/warm'],
  ['nothing', 'true', 'configmap/cart, job.batch/warm'],
] as const) {
  test(`${what} fails, and the objects are named`, async (t) => {
    const { result } = await render(t, {}, script);
    assert.equal(
      whyOf(result),
      `failed: helm renders another manifest (${named}); a post-renderer would do that, too`,
    );
  });
}

for (const [what, template, names] of [
  ['random values', '{{ randAlphaNum 8 }}', 'randAlphaNum'],
  ['a certificate', '{{- $ca := genCA "x" 365 }}', 'genCA'],
  ['what the cluster holds', '{{ lookup "v1" "Secret" "a" "b" }}', 'lookup'],
  ['the time', '{{ now | date "2006" }}', 'now'],
  ['the revision', 'revision: {{ .Release.Revision }}', '.Release.Revision'],
  ['what the cluster can do', '{{ if .Capabilities.APIVersions.Has "x/v1" }}', '.Capabilities.APIVersions'],
] as const) {
  test(`a chart that uses ${what} can not be compared; where it renders the same all the same, it passes`, async (t) => {
    const { result } = await render(t, { template }, 'echo "kind: Other"');
    assert.equal(whyOf(result), `unchecked: its templates don't give the same twice: they use ${names}`);
    assert.equal((await render(t, { template }, 'cat $RENDERED')).result.status, 'ok');
  });
}

test('words outside of actions and in comments are no functions', () => {
  assert.deepEqual(unrepeatable('now: lookup {{ .Values.x }} {{/* randAlphaNum */}} {{- /* now */ -}}'), []);
});

test('declared subcharts, and those that only the manifest shows, can not be rendered; Helm is not asked', async (t) => {
  const declared = await render(
    t,
    { metadata: { dependencies: [{ name: 'common' }, { name: 'db' }] } },
    'exit 1',
  );
  assert.equal(whyOf(declared.result), "unchecked: Helm's record lacks its subcharts: common, db");
  const manifest = `---\n# Source: memcached/charts/exporter/templates/x.yaml\n${MANIFEST}`;
  const used = await render(t, { manifest }, 'exit 1');
  assert.equal(whyOf(used.result), "unchecked: Helm's record lacks its subcharts: exporter");
  assert.deepEqual([...declared.calls, ...used.calls], []);
});

test("Helm's complaint is repeated without the warnings before it", async (t) => {
  const script =
    'echo "WARNING: Kubernetes configuration file is group-readable" >&2; echo "Error: execution error at (x): nil pointer" >&2; exit 1';
  const { result } = await render(t, {}, script);
  assert.equal(whyOf(result), "failed: helm can't render it: execution error at (x): nil pointer");
});

test('templates of a library chart that nobody declared can not be rendered', async (t) => {
  const script = `echo 'Error: template: x:1: no template "common.names" associated with template "gotpl"' >&2; exit 1`;
  const { result } = await render(t, {}, script);
  assert.match(whyOf(result), /^unchecked: it uses templates of a subchart/);
});

test('output that is not YAML fails', async (t) => {
  const { result } = await render(t, {}, 'printf "a: [\\n"');
  assert.equal(whyOf(result), 'failed: what helm renders is not YAML');
});

test('without Helm nothing is rendered, and the message says how to name one', async (t) => {
  const store = await openStore(await temporaryFolder(t));
  const history = aHistory({});
  await writeSmallBackup(store, { history });
  const reader = await store.open(SMALL);
  const { signal } = new AbortController();
  const { PATH } = process.env;
  t.after(() => Object.assign(process.env, { PATH }));
  process.env.PATH = '/nowhere';
  const [onPath] = await checkRender(reader, history, 'helm', signal);
  assert.equal(whyOf(onPath!), 'unchecked: there is no helm on PATH; HELM_BIN may name one');
  const [named] = await checkRender(reader, history, '/nowhere/helm', signal);
  assert.equal(whyOf(named!), 'unchecked: there is no /nowhere/helm');
  assert.deepEqual(
    await checkRender(reader, [], 'helm', signal),
    [],
    'without a release there is nothing to render',
  );
});
