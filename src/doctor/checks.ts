import { AREAS, type Area } from '../model/findings/finding.ts';
import type { AreaCheck } from './doctor-context.ts';
import { READERS } from './rollout/readers.ts';

/** What is known of each area before its judges are loaded: that happens while the lists are under way. */
const CHECKS: Record<Area, AreaCheck> = {
  access: {
    area: 'access',
    kinds: [
      ['v1', 'Node'],
      ['batch/v1', 'CronJob'],
    ],
    early: ['rights'],
    load: async () => (await import('./access/check.ts')).examineAccess,
  },
  schedule: {
    area: 'schedule',
    kinds: [
      ['batch/v1', 'CronJob'],
      ['batch/v1', 'Job'],
      ['v1', 'Event'],
    ],
    early: [],
    load: async () => (await import('./schedule/check.ts')).examineSchedules,
  },
  storage: {
    area: 'storage',
    kinds: [
      ['batch/v1', 'CronJob'],
      ['v1', 'Event'],
    ],
    early: ['cluster', 'backups'],
    load: async () => (await import('./storage/check.ts')).examineStorage,
  },
  restore: {
    area: 'restore',
    kinds: [],
    early: ['cluster', 'backups'],
    load: async () => (await import('./restore/check.ts')).examineRestore,
  },
  rollout: {
    area: 'rollout',
    kinds: [...READERS, ['v1', 'Event'], ['policy/v1', 'PodDisruptionBudget']],
    early: ['pods'],
    load: async () => (await import('./rollout/check.ts')).examineRollout,
  },
  cache: {
    area: 'cache',
    kinds: [
      ['v1', 'Service'],
      ['networking.k8s.io/v1', 'NetworkPolicy'],
      ['autoscaling/v2', 'HorizontalPodAutoscaler'],
    ],
    early: ['pods'],
    load: async () => (await import('./cache/check.ts')).examineCache,
  },
};

/** The checks of the given areas, in the order in which they are shown; of all where none is named. */
export function checksOf(areas: readonly Area[]): AreaCheck[] {
  return AREAS.filter((area) => areas.length === 0 || areas.includes(area)).map((area) => CHECKS[area]);
}
