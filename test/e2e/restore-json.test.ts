import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { isObject, type Json, type JsonObject, stringAt, valueAt } from '../../src/model/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { cliFor, REPOSITORY } from './support/cli.ts';
import {
  aCrashLoop,
  aDaemonSet,
  applied,
  aReleaseWithAuthentication,
} from './support/fixtures/plain-yaml.ts';
import { placeNamed } from './support/namespace.ts';
import { aRelease } from './support/release.ts';
import { NEXT_VALUES, RICH_VALUES } from './support/rich-values.ts';

const cluster = await ensureCluster();
const schema = JSON.parse(
  readFileSync(join(REPOSITORY, 'docs/restore-v1.schema.json'), 'utf8'),
) as JsonObject;
const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
const asDocumented = ajv.compile(schema);
const andNoMore = ajv.compile(closed(schema) as JsonObject);

describe('what restore and undo print with -o json is as docs/restore-v1.schema.json says', {
  concurrency: 3,
}, () => {
  test('nothing to do, a dry run of each kind, proved, undone', async () => {
    await using release = await aRelease(cluster, cluster.helms.at(-1)!)
      .withPassword()
      .withValues(RICH_VALUES)
      .installed();
    const { cli, name, values } = release;
    await cli.ok('backup', name);
    const nothing = assertDocumented(await cli.json(['restore', name, '--yes']));
    assert.equal(nothing.outcome, 'nothing-to-do');
    await release.upgrade({ ...values, ...NEXT_VALUES });
    for (const kind of ['client', 'server']) {
      const dry = assertDocumented(await cli.json(['restore', name, `--dry-run=${kind}`]));
      assert.deepEqual(Object.keys(dry), ['plan']);
      assert.equal(stringAt(dry, 'plan', 'helm', 'action'), 'new-revision');
    }
    const restored = assertDocumented(await cli.json(['restore', name, '--yes']));
    assert.equal(restored.outcome, 'proved');
    assert.ok(isObject(restored.safetyBackup));
    const undone = assertDocumented(await cli.json(['undo', name, '--yes']));
    assert.deepEqual([undone.operation, undone.outcome], ['undo', 'proved']);
  });

  test('into another namespace, and removed again', async () => {
    await using release = await aRelease(cluster, cluster.helms[0]!).withValues(RICH_VALUES).installed();
    const { cli, name, namespace } = release;
    await using copy = placeNamed(cluster, `${namespace}-copy`);
    await cli.ok('backup', name);
    const copied = assertDocumented(await cli.json(['restore', name, '--into', copy.namespace, '--yes']));
    assert.equal(copied.outcome, 'proved');
    assert.equal(stringAt(copied, 'plan', 'helm', 'action'), 'create-history');
    assert.notEqual(valueAt(copied, 'plan', 'mentions'), undefined);
    using there = cliFor(cluster, { namespace: copy.namespace });
    const removed = assertDocumented(await there.json(['undo', name, '--yes', '--store', cli.store]));
    assert.deepEqual([removed.outcome, removed.proof], ['removed', null]);
    assert.equal(stringAt(removed, 'plan', 'helm', 'action'), 'delete-history');
  });

  test('unproven: pods that let nobody ask them', async () => {
    await using release = await applied(cluster, aReleaseWithAuthentication(cluster));
    const { cli, kubectl, name } = release;
    await cli.ok('backup', name);
    await kubectl.ok('delete', 'deployment', name, '--wait');
    const report = assertDocumented(await cli.json(['restore', name, '--yes'], 5));
    assert.equal(report.outcome, 'unproven');
    assert.equal(stringAt(report, 'proof', 'verdict'), 'unproven');
  });

  test('unfinished: pods that never become ready', async () => {
    await using release = await applied(cluster, aCrashLoop(cluster));
    const { cli, kubectl, name } = release;
    await cli.run('backup', name);
    await kubectl.ok('delete', 'deployment', name, '--wait');
    const report = assertDocumented(await cli.json(['restore', name, '--yes', '--timeout', '4s'], 1));
    assert.deepEqual([report.outcome, report.proof], ['rollout-unfinished', null]);
  });

  test('a plan that is refused, of a DaemonSet in a place of somebody else', async () => {
    await using release = await applied(cluster, aDaemonSet(cluster));
    const { cli, kubectl, name } = release;
    await cli.ok('backup', name);
    const mark = 'argocd.argoproj.io/instance=shop';
    await kubectl.ok('label', 'daemonset/node-cache', mark);
    const report = assertDocumented(await cli.json(['restore', name, '--dry-run=server'], 1));
    assert.match(String(valueAt(report, 'plan', 'refusals')), /Argo CD application "shop"/);
  });
});

test('the schema finds fault with what is not as documented', () => {
  for (const wrong of [{}, { plan: {} }, { operation: 'undo', outcome: 'nothing-to-do', plan: {} }, []])
    assert.equal(asDocumented(wrong), false, JSON.stringify(wrong));
});

/** Valid, and without a field that the schema does not tell of. */
function assertDocumented(printed: JsonObject): JsonObject {
  for (const validate of [asDocumented, andNoMore]) {
    assert.ok(validate(printed), `${JSON.stringify(validate.errors)}\n${JSON.stringify(printed)}`);
  }
  return printed;
}

/** The schema with no room for fields of which it says nothing. */
function closed(value: Json): Json {
  if (Array.isArray(value)) return value.map(closed);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, closed(item)]);
  const copy = Object.fromEntries(entries) as JsonObject;
  return isObject(value.properties) ? { ...copy, additionalProperties: false } : copy;
}
