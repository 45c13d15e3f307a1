import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packArchive } from '../../../src/store/format/archive.ts';
import { prepareBackup } from '../../../src/store/format/prepare-backup.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { ADDRESS, SAMPLE_FILES, sampleContent } from '../../unit/store/sample-backup.ts';
import { temporaryFolder } from '../../unit/store/temporary-folder.ts';
import { readOnlyContract } from './read-only-contract.ts';

readOnlyContract({
  name: 'one backup in a file',
  make: async (t) => {
    const location = join(await temporaryFolder(t), 'cart.tar.gz');
    const { own } = prepareBackup(ADDRESS, sampleContent(SAMPLE_FILES)).document(ADDRESS.id);
    const texts = [...Object.entries(SAMPLE_FILES), ...own];
    const files = new Map(texts.map(([path, text]) => [path, Buffer.from(text)]));
    await writeFile(location, await packArchive({ address: ADDRESS, files }, new Date(0)));
    return {
      open: () => openStore(location),
      piece: {
        name: location,
        read: () => readFile(location),
        write: (content) => writeFile(location, content),
        remove: () => rm(location),
      },
    };
  },
});
