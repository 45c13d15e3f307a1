import { type Advice, advice } from '../advice/advice.ts';
import { kubectl, placeholder } from '../advice/command.ts';
import { displayName, refOf } from '../model/kubernetes/object.ts';
import type { UnownedWorkload } from '../model/release/discover.ts';

/** What a person should know of a memcached workload that bears the name of a Helm release and is not of it. */
export function unownedWorkloadInWords({ workload, by, of, countedTo }: UnownedWorkload): Advice {
  const ref = refOf(workload);
  const [name, where] = [displayName(ref), `namespace ${ref.namespace}`];
  const helms = `Helm's release ${of.release} of namespace ${of.namespace}`;
  if (countedTo !== undefined) {
    return `${name} in ${where} is saved as plain YAML, as release ${countedTo.release}: its annotations name ${helms}, and no record of Helm's that was read there names it`;
  }
  const namespace = ref.namespace ?? '';
  const change =
    by === 'annotations'
      ? kubectl(
          'annotate',
          name,
          '-n',
          namespace,
          'meta.helm.sh/release-name-',
          'meta.helm.sh/release-namespace-',
        )
      : kubectl(
          'label',
          name,
          '-n',
          namespace,
          '--overwrite',
          placeholder('NAME', 'app.kubernetes.io/instance='),
        );
  const bears = by === 'annotations' ? 'its annotations name' : 'it bears the name of';
  return advice`${name} in ${where} is not saved: ${bears} ${helms}, which does not have it; to have it saved as a release of its own: ${change}`;
}
