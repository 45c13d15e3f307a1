import { type Command, helm, shell } from '../../advice/command.ts';
import type { Finding } from '../../model/findings/finding.ts';
import type { HelmRevision } from '../../model/helm/helm-release.ts';
import { stringAt } from '../../model/json/json.ts';
import { holderName } from '../../model/kubernetes/lease.ts';
import { displayName, type KubeObject, keyOf, refOf, uidOf } from '../../model/kubernetes/object.ts';
import type { Rehearsal } from '../../model/plan/rehearsal.ts';
import { whyUnhealthy } from '../../model/records/backup-health.ts';
import {
  isUnfinished,
  type Journal,
  type ListedJournal,
  lastRestoreAmong,
  writeEntriesOf,
  writtenRefs,
} from '../../model/records/journal.ts';
import type { ListedBackup } from '../../store/store.ts';
import { type AdvisedRelease, commandAbout, releaseOf } from '../advised-release.ts';
import type { ChosenBackup } from '../backup-of-choice.ts';
import { finding } from '../catalogue.ts';
import { kubectlAt } from '../flag-command.ts';
import { releaseMark } from '../release-mark.ts';

/** Helm at work on the release, or killed while it was. */
export function helmAtWork({ refusals, abandoned }: Rehearsal, subject: AdvisedRelease): Finding[] {
  const release = releaseOf(subject);
  const history = helm('history', subject.name, '-n', subject.namespace);
  return [
    ...refusals.helm.map((line) =>
      finding('MB450', {
        release,
        summary: `somebody may be at work on ${subject.name} with Helm: a restore would refuse`,
        evidence: [{ text: line }],
        advice: [history],
        about: [releaseMark(release)],
      }),
    ),
    ...abandoned.map((line) =>
      finding('MB451', {
        release,
        summary: `a Helm operation on ${subject.name} was cut off`,
        evidence: [{ text: line }],
        advice: [commandAbout(subject, 'restore'), history],
        about: [releaseMark(release)],
      }),
    ),
  ];
}

/** What is seen of restores of a release. */
export interface SeenRestores {
  /** The release's Lease; undefined where there is none. */
  lease: KubeObject | undefined;
  /** Whether nobody holds it any more. */
  abandoned: boolean;
  /** Oldest first, damaged ones among them. */
  journals: ListedJournal[];
  /** Helm's newest revision; absent without any. */
  newest?: HelmRevision | undefined;
  /** The release's backups, safety backups among them. */
  backups: readonly ListedBackup[];
  /** The newest healthy one. */
  healthy?: ChosenBackup | undefined;
}

/** A restore or undo of ours at work on the release, or killed while it was. */
export function restoreAtWork(seen: SeenRestores, subject: AdvisedRelease): Finding[] {
  const { lease, abandoned, journals } = seen;
  const release = releaseOf(subject);
  const held = lease !== undefined && !abandoned;
  const { last } = lastRestoreAmong(journals);
  const cutOff = last !== undefined && isUnfinished(last) && !held ? last : undefined;
  const found: Finding[] = cutOff === undefined ? [] : [cutOffRestore(cutOff, seen, subject)];
  found.push(...unreadable(journals, subject));
  if (lease === undefined) return found;
  const renewed = stringAt(lease, 'spec', 'renewTime');
  const evidence = [
    { text: `held by ${holderName(lease)}, renewed last`, ...(renewed === undefined ? {} : { at: renewed }) },
  ];
  const { name } = refOf(lease);
  found.push(
    held
      ? finding('MB460', {
          object: refOf(lease),
          release,
          summary: `a restore or an undo of ${subject.name} is under way`,
          evidence,
          advice: [kubectlAt(lease, 'get', 'lease', name, '-w')],
        })
      : finding('MB461', {
          object: refOf(lease),
          release,
          summary: `a restore or an undo of ${subject.name} was killed and left its Lease`,
          evidence,
          advice: [kubectlAt(lease, 'delete', 'lease', name)],
          repair: {
            what: `drop the stale Lease ${name}`,
            steps: [{ action: 'delete', ref: refOf(lease), ...versionOf(lease) }],
          },
        }),
  );
  return found;
}

/**
 * On with it, to where it was to lead; to the newest healthy backup where that one is of a release that was not up. Back, only
 * where what ran before it was up. What Helm says of the revision that it left is explained by it.
 */
function cutOffRestore(
  journal: Journal,
  { lease, newest, backups, healthy }: SeenRestores,
  subject: AdvisedRelease,
): Finding {
  const { plan, at, safety } = journal.start;
  const whyNot = (id: string | undefined): string | undefined => {
    const summary = backups.find(({ address }) => address.id === id)?.summary;
    return summary === undefined ? undefined : whyUnhealthy(summary)[0];
  };
  const bad = healthy === undefined ? undefined : whyNot(plan.backup.id);
  const before = whyNot(safety?.id);
  const selector = bad === undefined ? `${subject.name}@${plan.backup.id}` : healthy!.selector;
  const left = newest !== undefined && wrote(journal, newest) ? newest : undefined;
  const forward = commandAbout({ ...subject, name: selector }, 'restore');
  const advice: Command[] = before === undefined ? [forward, commandAbout(subject, 'undo')] : [forward];
  return finding('MB462', {
    release: releaseOf(subject),
    summary: `a restore of ${subject.name} to ${plan.backup.id} was cut off`,
    since: at,
    evidence: [
      { text: `${progressOf(journal)} (${journal.location})`, at },
      ...(left === undefined
        ? []
        : [
            { text: `it left Helm's revision ${left.revision} ${left.status}, which a restore goes on from` },
          ]),
      ...(bad === undefined ? [] : [{ text: `at the backup ${plan.backup.id} it was not up: ${bad}` }]),
      ...(before === undefined ? [] : [{ text: `undo would lead back to what was not up: ${before}` }]),
    ],
    advice,
    about: [
      ...(lease === undefined ? [] : [refOf(lease)]),
      ...(left === undefined ? [] : [releaseMark(subject)]),
    ],
  });
}

/** Whether a record of Helm's is one that the restore wrote, or may have written. */
function wrote(journal: Journal, { record }: HelmRevision): boolean {
  const key = keyOf(refOf(record));
  return writtenRefs(journal).some((ref) => keyOf(ref) === key);
}

/** What their restores did can't be undone; an undo passes over none of them to an older one. */
function unreadable(journals: readonly ListedJournal[], subject: AdvisedRelease): Finding[] {
  const damaged = journals.filter(({ damage }) => damage !== undefined);
  if (damaged.length === 0) return [];
  return [
    finding('MB463', {
      release: releaseOf(subject),
      summary: `${damaged.length === 1 ? 'a journal' : `${damaged.length} journals`} of restores of ${subject.name} can’t be read`,
      evidence: damaged.map(({ location, damage }) => ({ text: `${location}: ${damage}` })),
      advice: damaged.map(({ location }) => shell('ls', '-ld', location)),
    }),
  ];
}

function versionOf(lease: KubeObject): { uid: string; resourceVersion?: string } {
  const resourceVersion = stringAt(lease, 'metadata', 'resourceVersion');
  return { uid: uidOf(lease) ?? '', ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}

/** "3 of 5 writes were done; it was about to replace service/x" */
function progressOf(journal: Journal): string {
  const entries = writeEntriesOf(journal);
  const planned = journal.start.plan.objects.filter(({ action }) => action !== 'keep').length;
  const done = entries.filter(({ type }) => type === 'did').length;
  const last = entries.at(-1);
  const next = last?.type === 'will' ? `; it was about to ${last.action} ${displayName(last.ref)}` : '';
  return `${done} writes were done, ${planned} objects were planned${next}`;
}
