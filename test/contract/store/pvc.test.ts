import { storeContract } from './contract.ts';
import { PVC_OVER_A_SOCKET } from './pvc-kind.ts';
import { releaseFilesContract } from './release-files-contract.ts';

storeContract(PVC_OVER_A_SOCKET);
releaseFilesContract(PVC_OVER_A_SOCKET);
