import type { Codes } from '../code.ts';

export const CACHE_CODES = {} as const satisfies Codes;
