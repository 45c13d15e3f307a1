import type { Plan } from '../model/plan.ts';
import { shellWord } from '../store/advice.ts';

/** The words that name a plan's restore once more, for advice: "restore cart@ID -n shop --into drill". */
export function restoreWords({ backup, namespace }: Plan): string {
  const name = backup.path === undefined ? `${backup.release}@${backup.id}` : shellWord(backup.path);
  const into = backup.namespace === namespace.name ? '' : ` --into ${namespace.name}`;
  return `restore ${name} -n ${backup.namespace}${into}`;
}
