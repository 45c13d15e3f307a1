import type { Plan } from '../../../../src/model/plan/plan.ts';
import type { JournalStart } from '../../../../src/model/records/journal.ts';

export const PLAN: Plan = {
  backup: {
    id: '20261122T100000Z',
    cluster: '3f6c2a10',
    namespace: 'shop',
    release: 'cart',
    takenAt: '2026-11-22T10:00:00.000Z',
  },
  namespace: { name: 'shop', action: 'keep' },
  helm: { action: 'none' },
  objects: [],
  cachesEmptied: 0,
  unchecked: [],
  warnings: [],
  refusals: [],
  nothingToDo: false,
};

/** The first line of a restore's journal. */
export function startLine(overrides: Partial<JournalStart> = {}): JournalStart {
  return {
    type: 'start',
    version: 2,
    id: '20261122T101500Z',
    at: '2026-11-22T10:15:00.400Z',
    operation: 'restore',
    cluster: '3f6c2a10',
    namespace: 'shop',
    release: 'cart',
    plan: PLAN,
    safety: null,
    preImages: [],
    ...overrides,
  };
}
