import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { nameOf } from '../../../src/model/kubernetes/object.ts';
import { startRun } from '../../../src/schedule/run-now.ts';
import { aCronJob } from '../doctor/schedule/objects.ts';

const NOW = new Date('2026-11-29T10:15:00.123Z');

async function started(cronJob: KubeObject): Promise<KubeObject> {
  return startRun({ create: async (object) => object }, cronJob, NOW);
}

describe('a run that is started by hand', () => {
  test('is the Job that kubectl create job --from makes', async () => {
    const cronJob = aCronJob();
    const template = (cronJob.spec as { jobTemplate: KubeObject }).jobTemplate;
    template.metadata = { labels: { team: 'ops' }, annotations: { note: 'x' } };
    assert.deepEqual(await started(cronJob), {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: 'memcached-backup-run-20261129t101500z',
        namespace: 'cache',
        labels: { team: 'ops' },
        annotations: { note: 'x', 'cronjob.kubernetes.io/instantiate': 'manual' },
        ownerReferences: [
          {
            apiVersion: 'batch/v1',
            kind: 'CronJob',
            name: 'memcached-backup',
            uid: 'cron',
            controller: true,
          },
        ],
      },
      spec: template.spec,
    });
  });

  test('has a name that fits a label, of a CronJob whose name is as long as it may be', async () => {
    const long = aCronJob();
    long.metadata = {
      ...(long.metadata as object),
      name: `${'n'.repeat(40)}.-${'n'.repeat(10)}`,
    } as KubeObject;
    const name = nameOf(await started(long));
    assert.ok(name.length <= 63, name);
    assert.match(name, /^n+-run-20261129t101500z$/);
  });

  test('of a CronJob that has no template there is none', async () => {
    await assert.rejects(started({ ...aCronJob(), spec: {} }), /has no template/);
  });
});
