import { helm, kubectl, pipe } from '../../advice/command.ts';
import type { DriftedObject } from '../../kube/release-drift.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { displayName, keyOf } from '../../model/kubernetes/object.ts';
import { finding } from '../catalogue.ts';
import { releaseMark } from '../release-mark.ts';
import type { RolloutSubject } from './rollout-subject.ts';
import { partsAt, sideBySideText } from './side-by-side.ts';

/**
 * Objects that are not as their Helm release has them. A Secret's fields are named, never shown.
 * @param revision the release's newest deployed revision.
 */
export function judgeDrift(
  drifted: readonly DriftedObject[],
  subjects: readonly RolloutSubject[],
  release: { namespace: string; name: string },
  revision: number,
): Finding[] {
  const { namespace, name } = release;
  const show = pipe(
    helm('get', 'manifest', name, '-n', namespace),
    kubectl('diff', '-n', namespace, '-f', '-'),
  );
  const restore = helm('rollback', name, revision, '-n', namespace);
  return drifted.map(({ ref, paths }) => {
    if (paths === 'missing') {
      return finding('MB521', {
        object: ref,
        release,
        summary: 'it is gone, and its Helm release has it',
        evidence: [{ text: `revision ${revision} of ${name} names ${displayName(ref)}` }],
        advice: [restore],
        // What Helm says of its last operation may explain it.
        about: [releaseMark(release)],
      });
    }
    const subject = subjects.find((each) => keyOf(each.ref) === keyOf(ref));
    const rows = (subject?.rows ?? []).filter((row) => partsAt(row) === 'release');
    return finding('MB520', {
      object: ref,
      release,
      summary: 'it was changed by hand: it is not what its Helm release says',
      evidence: [...paths.map((text) => ({ text })), ...rows.map((row) => ({ text: sideBySideText(row) }))],
      advice: [show, restore],
    });
  });
}
