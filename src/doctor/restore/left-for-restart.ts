import type { LiveRelease } from '../../kube/read-release.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { numberAt } from '../../model/json/json.ts';
import { type ObjectRef, uidOf } from '../../model/kubernetes/object.ts';
import type { LeftForRestart } from '../../model/plan/runtime.ts';
import {
  type DoneEntry,
  isUndone,
  LEFT_FOR_RESTART,
  type ListedJournal,
  lastDone,
  lastRestoreAmong,
  tunesEntriesOf,
} from '../../model/records/journal.ts';
import { leftText, runtimeChangeText } from '../../output/runtime-text.ts';
import { writtenDigest } from '../../restore/write/comparable-form.ts';
import { type AdvisedRelease, commandAbout, releaseOf } from '../advised-release.ts';
import { finding } from '../catalogue.ts';

/**
 * That the last restore ended no pod: what it left is still to be done, and what it set goes with the next start of a pod. Said until
 * somebody writes what was left, takes the restore back, or restores again.
 */
export function judgeLeftForRestart(
  journals: readonly ListedJournal[],
  live: LiveRelease,
  subject: AdvisedRelease,
): Finding[] {
  const { last } = lastRestoreAmong(journals);
  const isLeft = last?.entries.some((entry) => entry.type === 'end' && entry.outcome === LEFT_FOR_RESTART);
  if (last === undefined || isLeft !== true || isUndone(last)) return [];
  const { plan, at } = last.start;
  const left = (plan.runtime?.left ?? []).filter((each) => isAsLeft(each, live));
  if (left.length === 0) return [];
  const running = tunesEntriesOf(last).filter(({ pod, uid }) => {
    const object = live.find(podRef(pod, live));
    return object !== undefined && uidOf(object) === uid;
  });
  return [
    finding('MB464', {
      release: releaseOf(subject),
      summary: `the restore of ${subject.name} to ${plan.backup.id} was carried out without a restart, and is not complete`,
      since: at,
      evidence: [
        ...left.map((each) => ({ text: `left: ${leftText(each)}` })),
        ...running.map((entry) => ({
          text: `set for as long as it lives: pod/${entry.pod}: ${runtimeChangeText(entry)}`,
        })),
      ],
      advice: [
        commandAbout({ ...subject, name: `${subject.name}@${plan.backup.id}` }, 'restore'),
        commandAbout(subject, 'undo'),
      ],
      about: [
        ...left.map(({ ref }) => ref),
        ...running.map(({ pod }) => podRef(pod, live)),
        ...[...lastDone(last).values()].filter((done) => isAsWritten(done, live)).map(({ ref }) => ref),
      ],
    }),
  ];
}

/** What it did write differs from Helm's manifest, for Helm's record is left with the rest: nobody changed it by hand. */
function isAsWritten({ ref, wrote }: DoneEntry, live: LiveRelease): boolean {
  const object = live.find(ref);
  return object !== undefined && wrote !== undefined && writtenDigest(object) === wrote;
}

/** Nobody wrote it since; of a kind that counts no generations nobody can tell. */
function isAsLeft({ ref, generation }: LeftForRestart, live: LiveRelease): boolean {
  const object = live.find(ref);
  return object !== undefined && (numberAt(object, 'metadata', 'generation') ?? 0) === generation;
}

function podRef(name: string, { namespaceName }: LiveRelease): ObjectRef {
  return { apiVersion: 'v1', kind: 'Pod', namespace: namespaceName, name };
}
