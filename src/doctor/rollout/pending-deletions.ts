import type { Command } from '../../advice/command.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { arrayAt, stringAt } from '../../model/json/json.ts';
import { heldBy, holdsText, isBeingDeleted } from '../../model/kubernetes/deletion.ts';
import { displayName, type KubeObject, refOf } from '../../model/kubernetes/object.ts';
import { finding } from '../catalogue.ts';
import { kubectlAt } from '../flag-command.ts';

/** An object that nothing holds is gone by then; pods that end with it have 30 s (terminationGracePeriodSeconds). */
const USUAL_MS = 60_000;

/**
 * Objects of a release that somebody deleted and that are still there. One that a finalizer holds stays so until
 * whoever set it clears it (https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/).
 * @param owned the release's own objects.
 * @param restore the command that restores the release; none where no backup of it is there.
 */
export function judgePendingDeletions(
  owned: readonly KubeObject[],
  release: { namespace: string; name: string },
  restore: readonly Command[],
  now: Date,
): Finding[] {
  return owned.filter(isBeingDeleted).flatMap((object) => {
    const at = stringAt(object, 'metadata', 'deletionTimestamp') ?? '';
    const holds = holdsText(object);
    if (holds === undefined && now.getTime() - Date.parse(at) < USUAL_MS) return [];
    const ref = refOf(object);
    const finalizers = arrayAt(object, 'metadata', 'finalizers').map(String);
    const none = JSON.stringify({ metadata: { finalizers: null } });
    const clear = kubectlAt(object, 'patch', displayName(ref), '--type=merge', '-p', none);
    return [
      finding('MB538', {
        object: ref,
        release,
        summary:
          holds === undefined
            ? 'it is being deleted, and is still there'
            : `it is being deleted, and ${holds}`,
        evidence: [
          { text: 'metadata.deletionTimestamp', at },
          ...(finalizers.length === 0 ? [] : [{ text: `metadata.finalizers: ${finalizers.join(', ')}` }]),
        ],
        advice: [...(heldBy(object).length === 0 ? [] : [clear]), ...restore],
      }),
    ];
  });
}
