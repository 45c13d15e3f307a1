import type { Codes } from '../code.ts';

export const RESTORE_CODES = {} as const satisfies Codes;
