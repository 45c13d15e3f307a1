import type { TestContext } from 'node:test';
import { type KeySources, Keys, NO_KEYS } from '../../../src/store/seal/keys.ts';
import { sealingStore } from '../../../src/store/seal/sealing-store.ts';
import { aKey } from '../../support/sealed.ts';
import { storeContract } from './contract.ts';
import { FOLDER } from './folder-kind.ts';

/** Sealing is a layer above every kind: what a kind keeps to, it keeps to as well. */
storeContract({
  name: 'sealed folder',
  make: async (t: TestContext) => {
    const tested = await FOLDER.make(t);
    const key = await aKey(t);
    const keys: KeySources = { ...NO_KEYS, encryptTo: [key.recipient], identityFiles: [key.file] };
    return { ...tested, open: async (signal) => sealingStore(await tested.open(signal), new Keys(keys)) };
  },
});
