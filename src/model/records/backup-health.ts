import type { BackupSummary } from './backup-summary.ts';

/** What of a backup tells whether its release was up; a summary has it, and so has a whole backup.json. */
export type HealthFacts = Pick<BackupSummary, 'health' | 'settings'> & { hollow?: boolean };

/**
 * Whether the release was up when a backup of it was taken, so that to go back to it is to go back to what worked: every
 * pod that was wanted ready, Helm's release deployed, no rollout under way or failing. Drift does not count: it ran with it.
 */
export function isHealthy(facts: HealthFacts): boolean {
  return whyUnhealthy(facts).length === 0;
}

/**
 * Why it was not, a clause each, without a subject: "1 of 2 pods was ready". Empty for a healthy one. A backup that was
 * taken before backup.json told of rollouts gives one away by pods beyond those that were wanted.
 */
export function whyUnhealthy({ health, settings, hollow = false }: HealthFacts): string[] {
  if (hollow) return ['there was nothing of memcached left'];
  const { podsReady, podsWanted, releaseStatus, unfinished = [] } = health;
  const [first, ...more] = unfinished;
  const isSurged = first === undefined && settings.podsAsked > podsWanted;
  return [
    ...(releaseStatus === undefined || releaseStatus === 'deployed'
      ? []
      : [`Helm's release was ${releaseStatus}`]),
    ...(first === undefined
      ? []
      : [`a rollout was not finished (${first}${more.length === 0 ? '' : `; and ${more.length} more`})`]),
    ...(isSurged ? [`a rollout was not finished (${settings.podsAsked} pods for ${podsWanted})`] : []),
    ...(podsReady < podsWanted ? [`${podsReady} of ${podsWanted} pods ${wasOrWere(podsReady)} ready`] : []),
    ...(podsWanted === 0 && !isSurged ? ['it was scaled to no pod'] : []),
  ];
}

function wasOrWere(count: number): string {
  return count === 1 ? 'was' : 'were';
}
