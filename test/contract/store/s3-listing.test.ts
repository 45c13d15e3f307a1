import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { mapLimited } from '../../../src/errors/map-limited.ts';
import { summaryOf } from '../../../src/model/records/backup-summary.ts';
import { catalogFolder } from '../../../src/store/s3/catalog.ts';
import { entryName } from '../../../src/store/s3/catalog-name.ts';
import { Keys, NO_KEYS } from '../../../src/store/seal/keys.ts';
import { sealingStore } from '../../../src/store/seal/sealing-store.ts';
import { Signatures } from '../../../src/store/sign/signatures.ts';
import { toolObstacle } from '../../cluster/build/go-tool.ts';
import { anSshKey } from '../../support/sealed.ts';
import { ADDRESS, sampleDocument, writeSample } from '../../unit/store/sample-backup.ts';
import { makeBucket, stopVersitygw } from './s3-kind.ts';

after(stopVersitygw);

/** Written at once, at most. */
const AT_ONCE = 32;

describe('a listing of S3', { skip: toolObstacle('versitygw') ?? false }, () => {
  test('goes on after a thousand entries, with a request for each thousand, and misses none', async (t) => {
    const { tested, proxy } = await makeBucket(t);
    const addresses = Array.from({ length: 1_100 }, (_, at) => ({
      ...ADDRESS,
      cluster: at % 2 === 0 ? ADDRESS.cluster : 'ffffffff',
      release: `release-${at % 50}`,
      id: `202611${10 + (at % 20)}T${String(100_000 + at).slice(-6)}Z`,
    }));
    await mapLimited(addresses, AT_ONCE, async (address) => {
      const name = entryName(
        {
          kind: 'backup',
          archive: { size: 1, sha256: 'a1'.repeat(32) },
          document: { size: 1, sha256: '0f'.repeat(32) },
          summary: summaryOf(sampleDocument(address)),
        },
        address,
        900,
      );
      await tested.plant(`${catalogFolder(address)}${name}`, Buffer.from('x'));
    });
    const store = await tested.open();
    proxy.reset();
    const listed = await store.list({});
    assert.equal(proxy.requests.length, 2);
    const text = ({ cluster, release, id }: typeof ADDRESS): string => `${cluster}/${release}/${id}`;
    assert.deepEqual(listed.map(({ address }) => text(address)).sort(), addresses.map(text).sort());
    assert.ok(listed.every(({ damage, summary }) => damage === undefined && summary !== undefined));

    proxy.reset();
    const { namespace } = ADDRESS;
    const release = 'release-7';
    const wanted = addresses.filter((address) => address.release === release);
    assert.equal((await store.list({ namespace, release })).length, wanted.length);
    assert.ok(proxy.requests.length <= 4, 'the first page, the clusters, and one for each');
  });

  test('says who signed without a look into any archive', async (t) => {
    const { tested, proxy } = await makeBucket(t);
    const { file } = await anSshKey(t);
    const signatures = new Signatures({ signKeyFile: file });
    const store = sealingStore(await tested.open(), new Keys(NO_KEYS), { signatures });
    await writeSample(store);
    await writeSample(await tested.open(), { release: 'unsigned' });
    proxy.reset();
    const listed = await (await tested.open()).list({});
    assert.equal(proxy.requests.length, 1);
    const [signed, unsigned] = listed.toSorted((a, b) => (a.address.release < b.address.release ? -1 : 1));
    assert.equal(unsigned?.signed, undefined);
    assert.ok(typeof signed?.signed === 'object');
    const reader = await (await tested.open()).open(ADDRESS);
    assert.equal(signed.signed.signature, await reader.signature());
    assert.equal(signed.signed.digest, reader.digest);
    const judged = await signatures.judge(signed.signed, new Date());
    assert.equal(judged.status, 'unverified');
  });

  test('shows an entry of a newer version as one that can not be read, which is no damage', async (t) => {
    const { tested } = await makeBucket(t);
    await writeSample(await tested.open());
    const entry = (await tested.pieces()).find(({ name }) => name.includes('.catalog/'));
    assert.ok(entry !== undefined);
    await tested.plant(entry.name.replace('/backup.1.', '/backup.2.'), await entry.read());
    await entry.remove();
    const [listed, ...others] = await (await tested.open()).list({});
    assert.deepEqual(others, []);
    assert.match(listed?.damage ?? '', /of version 2, which this tool does not know/);
    assert.equal(listed?.unreadable, true);
  });
});
