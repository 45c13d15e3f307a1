import type { Finding } from '../../model/finding.ts';
import { finding } from '../catalogue.ts';
import type { AreaCheck, Ward } from '../ward.ts';

/** Do backups happen by themselves, and if not, why? */
export const scheduleCheck: AreaCheck = {
  area: 'schedule',
  kinds: [
    ['batch/v1', 'CronJob'],
    ['batch/v1', 'Job'],
    ['v1', 'Event'],
  ],
  examine: async (ward) => examineSchedule(ward),
};

async function examineSchedule({ sight, namespace }: Ward): Promise<Finding[]> {
  const cronJobs = await sight.list('batch/v1', 'CronJob', namespace);
  if (cronJobs === undefined) return [];
  return [finding('MB201', { summary: 'nothing here makes backups by itself' })];
}
