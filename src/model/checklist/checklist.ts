import { alertingEnabled } from './alerting-enabled.ts';
import { backedUpDaily } from './backed-up-daily.ts';
import { ticked, unknown, type Verdict } from './box.ts';
import type { ChecklistFacts } from './checklist-facts.ts';
import { cronJobDeployed } from './cronjob-deployed.ts';
import { drillsScheduled } from './drills-scheduled.ts';
import { storedOffCluster } from './off-cluster.ts';
import { retentionConfigured } from './retention-configured.ts';
import { valuesInGit } from './values-in-git.ts';

/** The eight boxes of the backup guide's checklist, in its words. */
const BOXES = {
  'daily-backup': { title: 'Configuration backed up daily', judge: backedUpDaily },
  'values-in-git': { title: 'Helm values stored in Git repository', judge: valuesInGit },
  cronjob: { title: 'Automated backup CronJob deployed', judge: cronJobDeployed },
  retention: { title: 'Backup retention policy configured (30 days)', judge: retentionConfigured },
  'off-cluster': { title: 'Off-cluster backup storage configured (S3/Git)', judge: storedOffCluster },
  drills: { title: 'Quarterly DR drills scheduled', judge: drillsScheduled },
  alerts: { title: 'Backup monitoring and alerting enabled', judge: alertingEnabled },
  runbook: { title: 'Recovery runbooks documented', judge: documented },
} as const satisfies Record<string, { title: string; judge: (facts: ChecklistFacts) => Verdict }>;

export type BoxId = keyof typeof BOXES;

export const BOX_IDS = Object.keys(BOXES) as BoxId[];

/** One box of the checklist, judged. */
export interface CheckedBox extends Verdict {
  box: BoxId;
  title: string;
}

/** The checklist of one release: a box is ticked only where it was seen to hold. */
export function checklistOf(facts: ChecklistFacts): CheckedBox[] {
  return BOX_IDS.map((box) => ({ box, title: BOXES[box].title, ...BOXES[box].judge(facts) }));
}

function documented({ isRunbook }: ChecklistFacts): Verdict {
  return isRunbook ? ticked('this page') : unknown('`runbook` writes one, and nothing tells where it lies');
}

/**
 * The checklist of several releases: a box is ticked where each has it ticked, and open where one of them has it open. Says of which it
 * is not ticked.
 */
export function checklistOfAll(
  each: readonly { release: string; boxes: readonly CheckedBox[] }[],
): CheckedBox[] {
  return BOX_IDS.map((box) => {
    const own = each.flatMap(({ release, boxes }) =>
      boxes.filter((checked) => checked.box === box).map((checked) => ({ release, ...checked })),
    );
    const state = worst(own.map((checked) => checked.state));
    const telling = own.filter((checked) => checked.state !== 'ticked' || state === 'ticked');
    const byWhy = Map.groupBy(telling, ({ why }) => why);
    const whys = [...byWhy].map(([why, same]) =>
      same.length === own.length ? why : `${same.map(({ release }) => release).join(', ')}: ${why}`,
    );
    return { box, title: BOXES[box].title, state, why: whys.join('; ') };
  });
}

function worst(states: readonly Verdict['state'][]): Verdict['state'] {
  if (states.includes('open')) return 'open';
  return states.includes('unknown') || states.length === 0 ? 'unknown' : 'ticked';
}
