import { after } from 'node:test';
import { storeContract } from './contract.ts';
import { releaseFilesContract } from './release-files-contract.ts';
import { S3_ON_VERSITYGW, stopVersitygw } from './s3-kind.ts';

after(stopVersitygw);
storeContract(S3_ON_VERSITYGW);
releaseFilesContract(S3_ON_VERSITYGW);
