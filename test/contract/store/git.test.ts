import { storeContract } from './contract.ts';
import { GIT } from './git-kind.ts';

storeContract(GIT);
