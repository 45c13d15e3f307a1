import type { Finding, WayBack } from '../../model/findings/finding.ts';
import { displayName } from '../../model/kubernetes/object.ts';
import type { Rehearsal } from '../../model/plan/rehearsal.ts';
import { whyUnhealthy } from '../../model/records/backup-health.ts';
import { timeOfId } from '../../model/records/backup-id.ts';
import { formatAge } from '../../output/age.ts';
import type { ListedBackup } from '../../store/store.ts';
import { type AdvisedRelease, commandAbout, releaseOf } from '../advised-release.ts';
import { backupOfChoice } from '../backup-of-choice.ts';
import { finding } from '../catalogue.ts';
import { releaseMark } from '../release-mark.ts';
import { wouldWork } from './would-work.ts';

/**
 * That the pods run with other settings than at the newest backup: an upgrade that worked, and may have been wrong. Not where the
 * backup is of a release that was not up: then the present settings may be the better ones.
 */
export function judgeDifferingSettings(
  rehearsal: Rehearsal,
  backup: ListedBackup,
  subject: AdvisedRelease,
  now: Date,
): Finding[] {
  const { plan, settings } = rehearsal;
  const { summary, address } = backup;
  if (settings.differing.length === 0 || summary === undefined || whyUnhealthy(summary).length > 0) return [];
  const workloads = new Set(settings.differing.map(({ workload }) => workload));
  const refs = plan.objects.map(({ ref }) => ref).filter((ref) => workloads.has(displayName(ref)));
  const ways = wouldWork(rehearsal) ? [wayBackTo(backup, rehearsal, subject)] : [];
  return [
    finding('MB404', {
      release: releaseOf(subject),
      summary: `the settings of ${subject.name} differ from the backup of ${formatAge(now.getTime() - timeOfId(address.id))} ago: ${inWords(settings)}`,
      evidence: settings.differing.map(({ workload, setting }) => ({ text: `${workload}: ${setting}` })),
      advice: [
        commandAbout({ ...subject, name: `${subject.name}@${address.id}` }, 'diff'),
        ...ways.map((way) => way.advice),
      ],
      waysBack: ways,
      about: [releaseMark(subject), ...refs],
    }),
  ];
}

function wayBackTo(
  { address }: ListedBackup,
  { plan, settings }: Rehearsal,
  subject: AdvisedRelease,
): WayBack {
  return {
    advice: commandAbout(subject, 'restore'),
    why: `the backup ${address.id} found its pods ready`,
    cachesEmptied: plan.cachesEmptied,
    ...(settings.before === undefined ? {} : { settings: settings.before }),
  };
}

/** "-m 48 -c 256 then, -m 8 -c 256 now"; the names of the settings where they are not among those. */
function inWords({ differing, before, now }: Rehearsal['settings']): string {
  if (before !== undefined && now !== undefined && before !== now) return `${before} then, ${now} now`;
  return [...new Set(differing.map(({ setting }) => setting))].join(', ');
}

/** That the backup which `restore RELEASE` takes would bring back what was not up. */
export function judgeUnhealthyLatest(
  latest: ListedBackup,
  backups: readonly ListedBackup[],
  cluster: Parameters<typeof backupOfChoice>[1],
  subject: AdvisedRelease,
): Finding[] {
  const why = latest.summary === undefined ? [] : whyUnhealthy(latest.summary);
  if (why.length === 0) return [];
  const chosen = backupOfChoice(backups, cluster);
  const healthy = chosen?.healthy === true ? chosen : undefined;
  const at = timeOfId(latest.address.id);
  return [
    finding('MB405', {
      release: releaseOf(subject),
      summary: `the newest backup of ${subject.name} is of a release that was not up${healthy === undefined ? ', and no earlier one is better' : ''}`,
      evidence: [
        {
          text: `${latest.address.id}: ${why.join('; ')}`,
          ...(Number.isNaN(at) ? {} : { at: new Date(at).toISOString() }),
        },
        ...(healthy === undefined
          ? []
          : [{ text: `the newest healthy one is ${healthy.backup.address.id}` }]),
      ],
      // A backup of what is there now is no better before all is up again.
      advice: healthy === undefined ? [] : [commandAbout({ ...subject, name: healthy.selector }, 'restore')],
      about: [releaseMark(subject)],
    }),
  ];
}
