import { storeContract } from './contract.ts';
import { GIT } from './git-kind.ts';
import { releaseFilesContract } from './release-files-contract.ts';

storeContract(GIT);
releaseFilesContract(GIT, { takesSnapshots: false });
