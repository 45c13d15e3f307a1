import { storeContract } from './contract.ts';
import { FOLDER } from './folder-kind.ts';
import { releaseFilesContract } from './release-files-contract.ts';

storeContract(FOLDER);
releaseFilesContract(FOLDER);
