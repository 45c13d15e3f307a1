import { storeContract } from './contract.ts';
import { FOLDER } from './folder-kind.ts';

storeContract(FOLDER);
