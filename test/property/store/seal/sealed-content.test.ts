import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import { Damage } from '../../../../src/store/format/damage.ts';
import { NoKeyFits, open, seal } from '../../../../src/store/seal/age.ts';
import { type Identity, parseIdentities } from '../../../../src/store/seal/identity.ts';
import { plainContent } from '../../../../src/store/seal/plain-content.ts';
import { parseRecipient, type Recipient } from '../../../../src/store/seal/recipient.ts';
import { aKey, anSshKey, aSealingStore } from '../../../support/sealed.ts';
import { ADDRESS, sampleContent } from '../../../unit/store/sample-backup.ts';
import { temporaryFolder } from '../../../unit/store/temporary-folder.ts';

let recipients: Recipient[];
let identities: Identity[];
before(async () => {
  const identity = await generateX25519Identity();
  identities = parseIdentities(identity);
  recipients = [parseRecipient(await identityToRecipient(identity))];
});

test('any content comes back as it was, from each kind of key', async (t) => {
  const ssh = await anSshKey(t);
  const pairs = [
    { recipients, identities },
    {
      recipients: [parseRecipient(ssh.recipient)],
      identities: parseIdentities(readFileSync(ssh.file, 'utf8')),
    },
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 100_000 }),
      fc.constantFrom(...pairs),
      async (content, pair) => {
        const sealed = await seal(content, { recipients: pair.recipients });
        assert.ok((await open(sealed, { identities: pair.identities }, 'it')).equals(content));
      },
    ),
    { numRuns: 40 },
  );
});

test('whatever byte is changed, and wherever it is cut, it is refused', async () => {
  const sealed = await seal(Buffer.alloc(70_000, 'x'), { recipients });
  const isRefused = async (changed: Buffer): Promise<void> => {
    await assert.rejects(open(changed, { identities }, 'it'), (error: unknown) => {
      assert.ok(error instanceof Damage || error instanceof NoKeyFits, String(error));
      return true;
    });
  };
  await fc.assert(
    fc.asyncProperty(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = Buffer.from(sealed);
      changed[at]! ^= flip;
      await isRefused(changed);
      await isRefused(sealed.subarray(0, at));
    }),
    { numRuns: 60 },
  );
  // Each byte of the header, and each length that ends a chunk.
  const header = sealed.indexOf('\n--- ') + 49;
  for (let at = 0; at < header; at++) {
    const changed = Buffer.from(sealed);
    changed[at]! ^= 1;
    await isRefused(changed);
  }
  for (const length of [0, header, header + 16, header + 16 + 65_552, sealed.length - 1]) {
    await isRefused(sealed.subarray(0, length));
  }
  await isRefused(Buffer.concat([sealed, Buffer.of(0)]));
});

test('any files of a backup come back from a store that seals', async (t) => {
  const key = await aKey(t);
  const part = fc.string({ unit: fc.constantFrom(...'abcXYZ019._-'), minLength: 1, maxLength: 12 });
  const path = fc
    .array(
      part.filter((name) => !/^\.{1,2}$/.test(name)),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) => `files/${parts.join('/')}`);
  const files = fc.dictionary(path, fc.uint8Array({ maxLength: 2000 }), { maxKeys: 12 });
  await fc.assert(
    fc.asyncProperty(files, async (held) => {
      const store = await aSealingStore(await temporaryFolder(t), {
        encryptTo: [key.recipient],
        identityFiles: [key.file],
      });
      await store.save(ADDRESS, sampleContent(held));
      const { files: read } = await plainContent(await store.open(ADDRESS));
      const found = Object.fromEntries(
        read.map(({ path: name, content }) => [name, Buffer.from(content as Buffer)]),
      );
      const wanted = Object.fromEntries(
        Object.entries(held).map(([name, content]) => [name, Buffer.from(content)]),
      );
      assert.deepEqual(found, wanted);
    }),
    { numRuns: 25 },
  );
});
