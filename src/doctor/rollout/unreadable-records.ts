import { helm } from '../../advice/command.ts';
import type { ToolError } from '../../errors/tool-error.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { finding } from '../catalogue.ts';
import { releaseMark } from '../release-mark.ts';

/** Records of Helm's that say nothing: damaged, or larger than what is read of them. */
export function judgeUnreadableRecords(
  unreadable: readonly ToolError[],
  { namespace, name }: { namespace: string; name: string },
): Finding[] {
  const count = unreadable.length;
  if (count === 0) return [];
  return [
    finding('MB517', {
      release: { namespace, name },
      summary: `${count === 1 ? "a record of Helm's" : `${count} records of Helm's`} of ${name} can't be read`,
      evidence: unreadable.map(({ message }) => ({ text: message })),
      advice: [helm('history', name, '-n', namespace)],
      about: [releaseMark({ namespace, name })],
    }),
  ];
}
