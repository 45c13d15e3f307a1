import { storeContract } from './contract.ts';
import { PVC_OVER_A_SOCKET } from './pvc-kind.ts';

storeContract(PVC_OVER_A_SOCKET);
