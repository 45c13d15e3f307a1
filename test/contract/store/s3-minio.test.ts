import { after } from 'node:test';
import { storeContract } from './contract.ts';
import { S3_ON_MINIO, stopMinio } from './s3-kind.ts';

after(stopMinio);
storeContract(S3_ON_MINIO);
