import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stringAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY } from './support/cli.ts';
import { exactObjects } from './support/exact-objects.ts';
import { aRelease } from './support/release.ts';
import { RICH_VALUES } from './support/rich-values.ts';
import { converse } from './support/terminal.ts';

const cluster = await ensureCluster();

describe('a release that changes while the question waits', { concurrency: true }, () => {
  for (const answer of ['y', 'n']) {
    test(`is planned anew, shown and asked about again; then the answer is ${answer}`, async () => {
      await using release = await aRelease(cluster, cluster.helms[0]!).withValues(RICH_VALUES).installed();
      const { cli, kubectl, name, namespace } = release;
      await cli.ok('backup', name);
      const saved = await exactObjects(kubectl, name);
      const annotate = (kind: string) => kubectl.ok('annotate', `${kind}/${name}`, 'example.org/hand=moved');
      await annotate('service');
      using terminal = converse(BINARY, ['restore', name, '-n', namespace], cli.env);
      await terminal.shows(new RegExp(`replace +service/${name}`));
      await terminal.shows(/\[y\/N\]/);

      await annotate('configmap');
      terminal.answer('y');

      await terminal.shows(/The release changed since this plan was made\. The plan is now:/);
      await terminal.shows(new RegExp(`replace +configmap/${name}`));
      await terminal.shows(/\[y\/N\]/);
      const between = await exactObjects(kubectl, name);
      assert.equal(
        stringAt(between[`Service/${name}`], 'metadata', 'annotations', 'example.org/hand'),
        'moved',
      );
      terminal.answer(answer);

      const { shown, code } = await terminal.ended();
      assert.equal(code, answer === 'y' ? 0 : 130, shown);
      assert.deepEqual(await exactObjects(kubectl, name), answer === 'y' ? saved : between);
      const lease = await kubectl.run('get', 'leases', '-o', 'name');
      assert.equal(lease.stdout, '', 'the Lease is released');
    });
  }

  test('is left alone where by then there is nothing to do', async () => {
    await using release = await aRelease(cluster, cluster.helms[0]!).withValues(RICH_VALUES).installed();
    const { cli, kubectl, name, namespace } = release;
    await cli.ok('backup', name);
    await kubectl.ok('annotate', `service/${name}`, 'example.org/hand=moved');
    using terminal = converse(BINARY, ['restore', name, '-n', namespace], cli.env);
    await terminal.shows(/\[y\/N\]/);

    await cli.ok('restore', name, '--yes');
    const { resourceVersion } = (await kubectl.objects.get(`service/${name}`)).metadata as {
      resourceVersion: string;
    };
    terminal.answer('y');

    await terminal.shows(/The release changed since this plan was made/);
    await terminal.shows(/Nothing to do/);
    assert.equal((await terminal.ended()).code, 0);
    const after = await kubectl.objects.get(`service/${name}`);
    assert.equal(stringAt(after, 'metadata', 'resourceVersion'), resourceVersion, 'nothing was written');
  });
});
