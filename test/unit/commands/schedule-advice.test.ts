import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NO_CONNECTION_FLAGS } from '../../../src/cli/connection-flags.ts';
import { spellingOf } from '../../../src/cli/spelling.ts';
import { scheduleRun } from '../../../src/commands/schedule-run.ts';
import { scheduleSuspend } from '../../../src/commands/schedule-suspend.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { scheduleLabels } from '../../../src/model/schedule/schedule-objects.ts';
import { aPushContext } from '../../support/metrics/push-context.ts';
import { aCronJob } from '../doctor/schedule/objects.ts';

/** A cluster with one schedule, reached by --context. */
function aSchedule() {
  const plain = aCronJob();
  const metadata = { ...(plain.metadata as KubeObject), labels: scheduleLabels('memcached-backup') };
  const cronJob = { ...plain, metadata };
  const kube: Pick<KubeClient, 'namespace' | 'list' | 'patch' | 'create'> = {
    namespace: 'cache',
    list: async () => [cronJob],
    patch: async () => cronJob,
    create: async (object) => object,
  };
  return aPushContext({
    kube: async () => kube as KubeClient,
    spelling: spellingOf({}, { ...NO_CONNECTION_FLAGS, context: 'prod' }),
  });
}

/** Commands that somebody may paste. */
const commandsIn = (text: string): string[] => text.match(/kubectl memcached-backup .*/g) ?? [];

describe('what is advised leads to the cluster that was meant', () => {
  test('after a suspension', async () => {
    const { context, io } = aSchedule();
    await scheduleSuspend({ suspend: true }, context);
    const commands = commandsIn(io.stderr);
    assert.equal(commands.length, 2);
    for (const command of commands)
      assert.match(command, /^kubectl memcached-backup --context prod schedule (?:run|resume) -n /);
  });

  test('after a run was started that nobody waits for', async () => {
    const { context, io } = aSchedule();
    await scheduleRun({ wait: false }, context);
    assert.match(
      commandsIn(io.stderr).join(),
      /^kubectl memcached-backup --context prod schedule logs -n [^,]+ --follow$/,
    );
  });
});
