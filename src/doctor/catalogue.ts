import type { Advice } from '../advice/advice.ts';
import {
  type Area,
  areaOfCode,
  type Evidence,
  type Finding,
  type Repair,
  type WayBack,
} from '../model/findings/finding.ts';
import { keyOf, type ObjectRef } from '../model/kubernetes/object.ts';
import { ACCESS_CODES } from './access/codes.ts';
import { CACHE_CODES } from './cache/codes.ts';
import type { CodeEntry } from './code.ts';
import { RESTORE_CODES } from './restore/codes.ts';
import { ROLLOUT_CODES } from './rollout/codes.ts';
import { SCHEDULE_CODES } from './schedule/codes.ts';
import { STORAGE_CODES } from './storage/codes.ts';

/** Every finding that doctor can make, area by area. docs/findings.md is written from it. */
const CATALOGUE = {
  ...ACCESS_CODES,
  ...SCHEDULE_CODES,
  ...STORAGE_CODES,
  ...RESTORE_CODES,
  ...ROLLOUT_CODES,
  ...CACHE_CODES,
} as const;

export type Code = keyof typeof CATALOGUE;

export const CODES = Object.keys(CATALOGUE).sort() as Code[];

export function isCode(text: string): text is Code {
  return Object.hasOwn(CATALOGUE, text);
}

export function entryOf(code: Code): CodeEntry {
  return CATALOGUE[code];
}

/** What a check says of what it found; the rest follows from the code. */
export interface FindingText {
  summary: string;
  object?: ObjectRef;
  release?: { namespace: string; name: string };
  evidence?: Evidence[];
  since?: string | undefined;
  /** {@link Finding.advice} */
  advice?: Advice[];
  waysBack?: readonly WayBack[];
  /** What `--fix` does; its code's entry is `fixable`. */
  repair?: Repair;
  /** Other objects on the way from the cause to what suffers from it. */
  about?: ObjectRef[];
}

/** A finding with this code. */
export function finding(code: Code, text: FindingText): Finding {
  const {
    summary,
    object,
    release,
    evidence = [],
    since,
    advice = [],
    waysBack = [],
    about = [],
    repair,
  } = text;
  const refs = object === undefined ? about : [object, ...about];
  return {
    code,
    severity: entryOf(code).severity,
    area: areaOfCode(code) satisfies Area,
    ...(object === undefined ? {} : { object }),
    ...(release === undefined ? {} : { release }),
    summary,
    evidence,
    ...(since === undefined ? {} : { since }),
    advice,
    ...(waysBack.length === 0 ? {} : { waysBack: [...waysBack] }),
    ...(repair === undefined ? {} : { repair }),
    about: [...new Set(refs.map(keyOf))],
    consequences: [],
  };
}
