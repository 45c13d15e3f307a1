import type { Codes } from '../code.ts';
import { CLAIM_CODES } from './claim-codes.ts';
import { CLAIM_STORE_CODES } from './claim-store-codes.ts';
import { GIT_STORE_CODES } from './git-store-codes.ts';
import { REMOTE_STORE_CODES } from './remote-store-codes.ts';
import { STORE_CODES } from './store-codes.ts';

export const STORAGE_CODES = {
  MB300: {
    severity: 'ok',
    title: 'Storage is in order',
    cause: 'The claims that releases and backups use are bound, and the store can be written.',
    evidence: 'The store, the newest backup of each release, and how many claims were looked at.',
    fix: 'Nothing to do.',
  },
  ...CLAIM_CODES,
  ...STORE_CODES,
  ...REMOTE_STORE_CODES,
  ...CLAIM_STORE_CODES,
  ...GIT_STORE_CODES,
} as const satisfies Codes;
