/** Writes one backup into the store it is given. */
import { openStore } from '../../../../src/store/open-store.ts';
import { writeSample } from '../sample-backup.ts';

await writeSample(await openStore(process.argv[2] ?? ''));
