import type { Codes } from '../code.ts';

export const STORAGE_CODES = {} as const satisfies Codes;
