import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PLAIN_SPELLING } from '../../../../src/advice/spell.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { type KubeObject, keyOf, refOf } from '../../../../src/model/kubernetes/object.ts';
import type { Action, PlannedObject } from '../../../../src/model/plan/plan.ts';
import type { DryRunAnswer } from '../../../../src/restore/plan/dry-run.ts';
import { headRoom } from '../../../../src/restore/plan/plan-head-room.ts';
import type { PlanInput } from '../../../../src/restore/plan/plan-input.ts';
import { managedByOthers, planWarnings } from '../../../../src/restore/plan/plan-warnings.ts';
import { sampleDocument } from '../../store/sample-backup.ts';
import { liveRelease } from '../live-release.ts';

const CONFIG: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'cart', namespace: 'shop' },
  data: { 'memcached.conf': '-m 64' },
};

function deployment(spec: JsonObject = {}, pod: JsonObject = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cart', namespace: 'shop', labels: {} },
    spec: {
      ...spec,
      template: {
        metadata: { labels: { app: 'cart' } },
        spec: { containers: [{ name: 'memcached', image: 'memcached:1.6', ...pod }] },
      },
    },
  };
}

function inputOf(objects: KubeObject[], live = objects, role: 'owned' | 'referenced' = 'owned'): PlanInput {
  return {
    source: {
      document: sampleDocument(),
      location: '/store',
      history: [],
      pods: [],
      objects: objects.map((raw) => ({
        raw,
        ref: refOf(raw),
        entry: { ...refOf(raw), role, from: 'manifest', raw: 'raw/x.json' },
      })),
    },
    live: liveRelease(live),
    answers: new Map(),
    livePods: [],
    now: new Date(),
    spelling: PLAIN_SPELLING,
    options: { wholeRelease: false },
  };
}

function planned(object: KubeObject, action: Action, changes: string[] = []): PlannedObject {
  return { action, ref: refOf(object), role: 'owned', reason: '', changes, checked: true };
}

describe('what a plan warns of', () => {
  test('of a restore or an undo, only what it can be told to do otherwise', () => {
    const other = { ...CONFIG, data: { 'memcached.conf': '-m 32' } };
    const wanted = { ...deployment({ updateStrategy: { type: 'OnDelete' } }), kind: 'StatefulSet' };
    const changed = planned(wanted, 'replace', ['spec.template.x: 1 → 2']);
    const restore = inputOf([CONFIG], [other, wanted], 'referenced');
    assert.deepEqual(planWarnings([changed], restore), [
      'configmap/cart differs from the backup and is left as it is, for others may use it too; --include-referenced replaces it',
      'the pods of statefulset.apps/cart keep their old settings, because its update strategy is OnDelete: add --restart, or delete them one by one',
    ]);
    const options = { ...restore.options, operation: 'undo' as const, mayWrite: () => false };
    assert.deepEqual(planWarnings([changed], { ...restore, options }), [
      'the pods of statefulset.apps/cart keep their old settings, because its update strategy is OnDelete: delete them one by one',
    ]);
  });

  test('a ConfigMap that no pod reads changes nothing by itself', () => {
    const input = inputOf([CONFIG, deployment()]);
    assert.match(planWarnings([planned(CONFIG, 'replace')], input).join(), /no pod .* reads configmap\/cart/);
    assert.deepEqual(planWarnings([planned(CONFIG, 'keep')], input), []);
  });

  test('a ConfigMap that a pod reads is no trap', () => {
    const reader = deployment({}, { envFrom: [{ configMapRef: { name: 'cart' } }] });
    assert.deepEqual(planWarnings([planned(CONFIG, 'replace')], inputOf([CONFIG, reader])), []);
  });

  test('one replica has nobody beside it, two have', () => {
    const changes = ['spec.template.spec.containers[memcached].image: a → b'];
    const warnings = (replicas: number) => {
      const object = deployment({ replicas });
      return planWarnings([planned(object, 'replace', changes)], inputOf([object]));
    };
    assert.match(warnings(1).join(), /has one replica: clients meet an empty cache/);
    assert.deepEqual(warnings(2), []);
  });

  test('one replica of the backup and three now: said as such, and not where an autoscaler keeps the three', () => {
    const [then, now] = [deployment({ replicas: 1 }), deployment({ replicas: 3 })];
    const changed = [planned(then, 'replace', ['spec.template.spec.containers[memcached].image: a → b'])];
    const input = inputOf([then], [now]);
    assert.deepEqual(planWarnings(changed, input), [
      'deployment.apps/cart has one replica at the backup and 3 now: clients meet one empty cache',
    ]);
    const kept: DryRunAnswer = { kind: 'accepted', object: deployment({ replicas: 3 }) };
    assert.deepEqual(planWarnings(changed, { ...input, answers: new Map([[keyOf(refOf(then)), kept]]) }), []);
  });

  test('a quota without room is named where pods come, with what could not be looked at', () => {
    const object = deployment({ replicas: 1 }, { resources: { requests: { memory: '8Mi' } } });
    const full: KubeObject = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'team', namespace: 'shop' },
      status: { hard: { 'requests.memory': '4Mi' }, used: {} },
    };
    const unread = [{ what: 'limitranges', why: 'they may not be listed' }];
    const input = { ...inputOf([object]), limits: { quotas: [full], ranges: [], unread } };
    const changed = (...changes: string[]) => headRoom([planned(object, 'replace', changes)], input);
    const room = changed('spec.template: a → b');
    assert.match(room.warnings.join(), /resourcequota\/team has 4Mi .* deployment.apps\/cart needs 8Mi more/);
    assert.deepEqual(room.unchecked, unread);
    assert.deepEqual(changed('metadata.labels: a → b'), { warnings: [], unchecked: [] }, 'no pod comes');
    const gone = { ...input, live: liveRelease([]) };
    assert.equal(headRoom([planned(object, 'create')], gone).warnings.length, 1);
  });

  test('a budget that allows nothing holds a restart up', () => {
    const object = deployment({ replicas: 2 });
    const budget: KubeObject = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'tight', namespace: 'shop' },
      spec: { selector: { matchLabels: { app: 'cart' } } },
      status: { disruptionsAllowed: 0 },
    };
    const warnings = planWarnings([planned(object, 'restart')], inputOf([object], [object, budget]));
    assert.match(warnings.join(), /poddisruptionbudget.policy\/tight allows no disruption now/);
  });

  test('pods of a paused Deployment keep their old settings', () => {
    const object = deployment({ replicas: 2, paused: true });
    const changes = ['spec.template: a → b'];
    assert.match(
      planWarnings([planned(object, 'replace', changes)], inputOf([object])).join(),
      /keep their old settings, because it is paused/,
    );
  });

  test('a referenced object that differs is named, one that is equal is not', () => {
    const live = { ...CONFIG, data: { 'memcached.conf': '-m 32' } };
    assert.match(planWarnings([], inputOf([CONFIG], [live], 'referenced')).join(), /configmap\/cart differs/);
    const served = { resourceVersion: '7', creationTimestamp: '2026-11-22T10:00:00Z', uid: 'u1' };
    const [then, now] = [served, { ...served, resourceVersion: '8', uid: 'u2' }].map((more) => ({
      ...CONFIG,
      metadata: { ...(CONFIG.metadata as JsonObject), ...more },
    }));
    assert.deepEqual(planWarnings([], inputOf([then!], [now!], 'referenced')), []);
  });

  test('a manager of several objects is named once, with the command that suspends it', () => {
    const labels = { 'kustomize.toolkit.fluxcd.io/name': 'apps' };
    const mark = (object: KubeObject) => ({
      ...object,
      metadata: { ...(object.metadata as object), labels },
    });
    assert.deepEqual(
      managedByOthers({ live: liveRelease([mark(CONFIG), mark(deployment())]), spelling: PLAIN_SPELLING }),
      [
        'Flux Kustomization "apps" manages configmap/cart, deployment.apps/cart and would revert this (flux suspend kustomization apps)',
      ],
    );
  });
});
