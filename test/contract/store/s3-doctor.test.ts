import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { toolObstacle } from '../../cluster/build/go-tool.ts';
import { S3_KEYS } from '../../support/s3/versitygw.ts';
import { allSpelled } from '../../unit/spelled.ts';
import { ADDRESS, writeSample } from '../../unit/store/sample-backup.ts';
import { findingsIn } from './findings-in.ts';
import { S3_FAULTS } from './s3-faults.ts';
import { makeBucket, stopVersitygw } from './s3-kind.ts';

after(stopVersitygw);

describe('doctor on a store in S3', { skip: toolObstacle('versitygw') ?? false }, () => {
  for (const { name, code, says, command, plant } of S3_FAULTS)
    test(`finds ${name}: ${code}`, async (t) => {
      const store = await plant(t);
      const [found, ...others] = await findingsIn(store);
      assert.deepEqual(others, [], 'one cause, one finding');
      assert.equal(found?.code, code);
      const endpoint = store.flags[store.flags.indexOf('--s3-endpoint') + 1] ?? '';
      const generic = (text: string): string => text.replaceAll(endpoint, 'URL');
      const evidence = found.evidence.map(({ text }) => text).join('\n');
      assert.match(code === 'MB377' ? generic(evidence) : evidence, says);
      if (command !== undefined)
        assert.ok(
          allSpelled(found.advice).map(generic).includes(command),
          allSpelled(found.advice).join('\n'),
        );
      assert.ok(!JSON.stringify(found).includes(S3_KEYS.secretAccessKey));
    });

  test('finds nothing in a sound one, and leaves nothing in it', async (t) => {
    const { tested, proxy } = await makeBucket(t);
    await writeSample(await tested.open());
    const before = (await tested.pieces()).map(({ name }) => name);
    proxy.reset();
    const found = await findingsIn(await tested.open());
    assert.deepEqual(
      found.map(({ code }) => code),
      ['MB354'],
      'of the backup alone: it was never verified',
    );
    assert.ok(!proxy.requests.some(({ method }) => method === 'DELETE'), 'nothing was written');
    assert.deepEqual(
      (await tested.pieces()).map(({ name }) => name),
      before,
    );
    const after = (await (await tested.open()).list({})).map(({ address }) => address.id);
    assert.deepEqual(after, [ADDRESS.id]);
  });

  test('takes its probe away where encryption is asked for', async (t) => {
    const fault = S3_FAULTS.find(({ code }) => code === 'MB381');
    const store = await fault?.plant(t);
    assert.ok(store !== undefined);
    await findingsIn(store);
    assert.deepEqual((await store.condition()).leftovers, []);
  });
});
