import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DoctorContext } from '../../../../src/doctor/doctor-context.ts';
import { examineSchedules } from '../../../../src/doctor/schedule/check.ts';
import type { Finding } from '../../../../src/model/findings/finding.ts';
import { type KubeObject, nameOf } from '../../../../src/model/kubernetes/object.ts';
import { scheduleLabels } from '../../../../src/model/schedule/schedule-objects.ts';
import { aCronJob, NAMESPACE } from './objects.ts';

const NOW = new Date('2026-11-29T12:00:00Z');

/** A script that somebody suspended, or `schedule install --replace` did. */
const SCRIPT = aCronJob({
  spec: { suspend: true },
  container: { command: ['sh', '-c', 'kubectl get configmap memcached -o yaml > /backup/x.yaml'] },
});

function ofTool(args: string[], suspend = false): KubeObject {
  const plain = aCronJob({ spec: { suspend }, container: { args: ['backup', ...args] } });
  const metadata = {
    ...(plain.metadata as KubeObject),
    name: 'nightly',
    uid: 'nightly',
    labels: scheduleLabels('nightly'),
  };
  return { ...plain, metadata };
}

/** What doctor says of the script. */
async function ofScript(...others: KubeObject[]): Promise<Finding[]> {
  const reader = {
    list: async (_: string, kind: string) => (kind === 'CronJob' ? [SCRIPT, ...others] : []),
  };
  const releases = [{ namespace: NAMESPACE, name: 'cart' }];
  const doctor = { reader, namespace: NAMESPACE, releases, now: NOW } as unknown as DoctorContext;
  const found = await examineSchedules(doctor);
  return found.filter(({ object }) => object?.name === nameOf(SCRIPT));
}

test('a suspended script is resumed by --fix only where this tool has no schedule beside it', async () => {
  const suspension = async (...others: KubeObject[]) =>
    (await ofScript(...others)).find(({ code }) => code === 'MB202');
  assert.notEqual((await suspension())?.repair, undefined);
  // Its successor is suspended, or saves other releases alone: told, and left to a person.
  for (const other of [ofTool(['-n', NAMESPACE], true), ofTool(['basket', '-n', NAMESPACE])]) {
    const finding = await suspension(other);
    assert.equal(finding?.code, 'MB202');
    assert.equal(finding.repair, undefined);
  }
});

test('nothing is wrong with one in whose place a schedule of this tool backs up', async () => {
  for (const args of [['-n', NAMESPACE], ['-A'], ['cart', '-n', NAMESPACE]]) {
    const found = await ofScript(ofTool(args));
    assert.deepEqual(
      found.map(({ code, summary, repair }) => [code, summary, repair]),
      [['MB200', 'is suspended, and cronjob.batch/nightly backs up in its place', undefined]],
    );
  }
});
