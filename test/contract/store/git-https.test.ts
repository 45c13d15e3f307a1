import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { spelled } from '../../unit/spelled.ts';
import { ADDRESS, writeSample } from '../../unit/store/sample-backup.ts';
import { makeHttpsStore } from './git-https-kind.ts';
import type { TestRepository } from './git-kind.ts';

/** Every file that git or this tool left, but for the configuration that names the helper. */
function leftIn({ folder }: TestRepository): string {
  const parent = join(folder, '..');
  return readdirSync(parent, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.gitconfig')
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    .join('\n');
}

describe('a store in Git over https', () => {
  for (const ca of ['GIT_SSL_CAINFO', 'http.sslCAInfo'] as const)
    test(`trusts the CA that ${ca} names, and takes the token of a credential helper`, async (t) => {
      const { tested, repository, server } = await makeHttpsStore(t, ({ password }) => ({ ca, password }));
      await writeSample(await tested.open());
      const [listed] = await (await tested.open()).list({});
      assert.equal(listed?.damage, undefined);
      assert.equal((await (await tested.open()).open(ADDRESS)).document.id, ADDRESS.id);
      const condition = await (await tested.open()).condition();
      assert.equal(condition.unwritable, undefined);
      assert.ok(!`${leftIn(repository)}${JSON.stringify(listed)}`.includes(server.password));
      await (await tested.open()).remove(ADDRESS);
      assert.deepEqual(await (await tested.open()).list({}), []);
    });

  test('says that the certificate is not trusted', async (t) => {
    const { tested } = await makeHttpsStore(t, ({ password }) => ({ password }));
    await assert.rejects((await tested.open()).list({}), (error) => {
      assert.ok(error instanceof ToolError);
      assert.match(error.message, /the certificate of the server is not trusted/);
      assert.match(spelled(error.next), /http\.sslCAInfo/);
      return true;
    });
  });

  for (const [name, password] of [
    ['no token', undefined],
    ['a token that the server does not take', 'hunter3-of-another'],
  ] as const)
    test(`says that it has ${name}, and shows none`, async (t) => {
      const { tested, server } = await makeHttpsStore(t, () => ({ ca: 'GIT_SSL_CAINFO', password }));
      const store = await tested.open();
      for (const work of [() => store.list({}), () => writeSample(store)])
        await assert.rejects(work(), (error) => {
          assert.ok(error instanceof ToolError);
          assert.match(error.message, /the server takes no credentials from here/);
          const said = [error.message, spelled(error.next), error.untouched, error.stack].join();
          assert.ok(!said.includes('hunter') && !said.includes(`${server.user}:`), said);
          return true;
        });
    });

  for (const [status, says] of [
    [403, /permission denied by the server/],
    [401, /the server takes no credentials from here/],
  ] as const)
    test(`saves nothing where the server answers ${status} to the push itself`, async (t) => {
      const { tested, repository, server } = await makeHttpsStore(t);
      server.judge = ({ isPush, isBody }) => (isPush && isBody ? status : undefined);
      await assert.rejects(writeSample(await tested.open()), says);
      assert.match((await (await tested.open()).condition()).unwritable?.why ?? '', says);
      assert.equal(repository.git(['for-each-ref']).toString(), '');
      server.judge = () => undefined;
      await writeSample(await tested.open());
      assert.ok(!leftIn(repository).includes(server.password));
    });
});
