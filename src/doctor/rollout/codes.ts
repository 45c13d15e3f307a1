import type { Codes } from '../code.ts';

export const ROLLOUT_CODES = {} as const satisfies Codes;
