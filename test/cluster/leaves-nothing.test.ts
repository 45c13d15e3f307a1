import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildAll } from './build/build.ts';
import { ensureCluster, stopCluster } from './cluster.ts';
import { machineTools } from './machine-tools.ts';
import { alone, PRIVATE, skipPrivate } from './private-cluster.ts';
import { output } from './run.ts';
import { traces } from './traces.ts';

test(
  'down leaves no process, mount, interface, rule, route, group, folder, setting or open port behind',
  {
    skip: skipPrivate(),
  },
  () =>
    alone(async () => {
      const tools = machineTools((await buildAll(() => {})).root);
      const before = await traces(PRIVATE, tools);
      const cluster = await ensureCluster(undefined, PRIVATE);
      const kubectl = (...args: string[]) =>
        output(cluster.kubectl, ['--kubeconfig', cluster.kubeconfig, ...args]);
      await kubectl('run', 'cache', `--image=${cluster.images.memcached}`, '--port=11211', '--expose');
      await kubectl('wait', '--for=condition=Ready', 'pod/cache', '--timeout=60s');

      // While it runs, it must show: else the comparison below compares nothing with nothing.
      const added = (await traces(PRIVATE, tools)).filter((trace) => !before.includes(trace));
      for (const kind of ['process', 'group', `path ${PRIVATE.state}`, `port ${PRIVATE.port}`]) {
        assert.ok(
          added.some((trace) => trace.startsWith(kind)),
          `nothing of kind "${kind}" while the cluster runs`,
        );
      }
      // The box keeps the rest to itself even then.
      assert.deepEqual(
        added.filter((trace) => !/^(process|group|path \S+backup|port)/.test(trace)),
        [],
      );

      await stopCluster(undefined, PRIVATE);
      assert.deepEqual(await traces(PRIVATE, tools), before);
    }),
);
