import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finding } from '../../../src/doctor/catalogue.ts';
import type { AreaCheck, DoctorContext } from '../../../src/doctor/doctor-context.ts';
import { examine } from '../../../src/doctor/examine.ts';
import { ResourceReader } from '../../../src/doctor/resource-reader.ts';
import { UnreachableError } from '../../../src/errors/tool-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { Inventory } from '../../../src/kube/inventory.ts';
import type { Area, Finding } from '../../../src/model/findings/finding.ts';

function aDoctorContext(): DoctorContext {
  const reader = new ResourceReader({} as KubeClient, { unlisted: [] } as unknown as Inventory, 'cache');
  return { reader, namespace: 'cache' } as DoctorContext;
}

const aCheck = (area: Area, examine: () => Promise<Finding[]>): AreaCheck => ({
  area,
  kinds: [],
  early: [],
  load: async () => examine,
});

test('an area that fails, by whatever error, costs its own findings only, and says so', async () => {
  const healthy = finding('MB501', { summary: 'no memcached' });
  const found = await examine(
    [
      aCheck('storage', async () => new Date(Number.NaN).toISOString() as never),
      aCheck('restore', () => Promise.reject(new UnreachableError('no route to host'))),
      aCheck('rollout', async () => [healthy]),
    ],
    aDoctorContext(),
  );
  assert.deepEqual(
    found.map(({ severity, summary, evidence }) => [severity, summary, evidence[0]?.text]),
    [
      [
        'unknown',
        'all of "storage" could not be read',
        'a fault of doctor itself: RangeError: Invalid time value',
      ],
      ['unknown', 'all of "restore" could not be read', 'no route to host'],
      ['note', 'no memcached', undefined],
    ],
  );
});
