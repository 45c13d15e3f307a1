import { shellWord } from '../../advice/shell-word.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { stringAt } from '../../model/json/json.ts';
import { holderName } from '../../model/kubernetes/lease.ts';
import { displayName, type KubeObject, refOf, uidOf } from '../../model/kubernetes/object.ts';
import type { Rehearsal } from '../../model/plan/rehearsal.ts';
import {
  isUnfinished,
  type Journal,
  type ListedJournal,
  lastRestoreAmong,
  writeEntriesOf,
} from '../../model/records/journal.ts';
import { type AdvisedRelease, commandAbout, releaseOf } from '../advised-release.ts';
import { finding } from '../catalogue.ts';
import { releaseMark } from '../release-mark.ts';

/** Helm at work on the release, or killed while it was. */
export function helmAtWork({ refusals, abandoned }: Rehearsal, subject: AdvisedRelease): Finding[] {
  const release = releaseOf(subject);
  const history = `helm history ${subject.name} -n ${subject.namespace}`;
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

/**
 * A restore or undo of ours at work on the release, or killed while it was.
 * @param lease the release's; undefined where there is none.
 * @param abandoned whether nobody holds it any more.
 * @param journals the release's, oldest first, damaged ones among them.
 */
export function restoreAtWork(
  {
    lease,
    abandoned,
    journals,
  }: { lease: KubeObject | undefined; abandoned: boolean; journals: ListedJournal[] },
  subject: AdvisedRelease,
): Finding[] {
  const release = releaseOf(subject);
  const held = lease !== undefined && !abandoned;
  const { last } = lastRestoreAmong(journals);
  const cutOff = last !== undefined && isUnfinished(last) && !held ? last : undefined;
  const found: Finding[] = [];
  if (cutOff !== undefined) {
    found.push(
      finding('MB462', {
        release,
        summary: `a restore of ${subject.name} to ${cutOff.start.plan.backup.id} was cut off`,
        evidence: [{ text: `${progressOf(cutOff)} (${cutOff.location})`, at: cutOff.start.at }],
        advice: [
          commandAbout({ ...subject, name: `${subject.name}@${cutOff.start.plan.backup.id}` }, 'restore'),
          commandAbout(subject, 'undo'),
        ],
        about: lease === undefined ? [] : [refOf(lease)],
      }),
    );
  }
  found.push(...unreadable(journals, subject));
  if (lease === undefined) return found;
  const renewed = stringAt(lease, 'spec', 'renewTime');
  const evidence = [
    { text: `held by ${holderName(lease)}, renewed last`, ...(renewed === undefined ? {} : { at: renewed }) },
  ];
  const { name, namespace } = refOf(lease);
  found.push(
    held
      ? finding('MB460', {
          object: refOf(lease),
          release,
          summary: `a restore or an undo of ${subject.name} is under way`,
          evidence,
          advice: [`kubectl get lease ${name} -n ${namespace} -w`],
        })
      : finding('MB461', {
          object: refOf(lease),
          release,
          summary: `a restore or an undo of ${subject.name} was killed and left its Lease`,
          evidence,
          advice: [`kubectl delete lease ${name} -n ${namespace}`],
          repair: {
            what: `drop the stale Lease ${name}`,
            steps: [{ action: 'delete', ref: refOf(lease), ...versionOf(lease) }],
          },
        }),
  );
  return found;
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
      advice: damaged.map(({ location }) => `ls -ld ${shellWord(location)}`),
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
