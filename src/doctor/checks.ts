import { AREAS, type Area } from '../model/findings/finding.ts';
import { accessCheck } from './access/check.ts';
import { cacheCheck } from './cache/check.ts';
import type { AreaCheck } from './doctor-context.ts';
import { restoreCheck } from './restore/check.ts';
import { rolloutCheck } from './rollout/check.ts';
import { scheduleCheck } from './schedule/check.ts';
import { storageCheck } from './storage/check.ts';

const CHECKS: Record<Area, AreaCheck> = {
  access: accessCheck,
  schedule: scheduleCheck,
  storage: storageCheck,
  restore: restoreCheck,
  rollout: rolloutCheck,
  cache: cacheCheck,
};

/** The checks of the given areas, in the order in which they are shown; of all where none is named. */
export function checksOf(areas: readonly Area[]): AreaCheck[] {
  return AREAS.filter((area) => areas.length === 0 || areas.includes(area)).map((area) => CHECKS[area]);
}
