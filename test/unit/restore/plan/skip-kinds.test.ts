import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../../src/errors/tool-error.ts';
import { withoutKinds } from '../../../../src/restore/plan/skip-kinds.ts';
import { aDeployment, aService } from '../../../support/objects.ts';
import { aSource, saved } from '../../../support/restore-source.ts';

const source = aSource([saved(aDeployment('cart')), saved(aService('cart')), saved(aService('more'))]);

test('objects of a kind are left out and named; what the backup knows of the release stays', () => {
  const { objects, skipped, document } = withoutKinds(source, ['svc']);
  assert.deepEqual(
    objects.map(({ ref }) => ref.kind),
    ['Deployment'],
  );
  assert.deepEqual(
    skipped?.map(({ name }) => name),
    ['cart', 'more'],
  );
  assert.deepEqual(document, source.document);
  assert.equal(withoutKinds(source, []), source);
});

test('a kind that the backup lacks is a mistake, and so is to leave all out', () => {
  assert.throws(() => withoutKinds(source, ['services', 'ingress']), {
    name: UsageError.name,
    message: /--skip-kind ingress/,
    next: /deployment\.apps, service/,
  });
  assert.throws(() => withoutKinds(source, ['service', 'deployments.apps']), UsageError);
});
