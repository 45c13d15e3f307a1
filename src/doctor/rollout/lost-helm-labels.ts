import { kubectl } from '../../advice/command.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { labelledRecord, labelsInWords, wrongLabels } from '../../model/helm/helm-labels.ts';
import type { HelmRevision } from '../../model/helm/helm-release.ts';
import { labelsOf, type ObjectRef, refOf } from '../../model/kubernetes/object.ts';
import { finding } from '../catalogue.ts';
import { releaseMark } from '../release-mark.ts';
import { asRead } from './mend-pending.ts';

/** Records that Helm does not find, for it looks at nothing but their labels. */
export function judgeHelmLabels(
  history: HelmRevision[],
  release: { namespace: string; name: string },
  owned: ObjectRef[],
): Finding[] {
  const lost = history.filter((revision) => wrongLabels(revision).length > 0);
  if (lost.length === 0) return [];
  const { namespace, name } = release;
  return [
    finding('MB514', {
      release,
      about: [releaseMark(release), ...owned],
      summary: `Helm does not find ${lost.length} of its ${history.length} records of ${name}`,
      evidence: lost.map((revision) => ({ text: labelsInWords(revision) })),
      advice: [kubectl('get', 'secrets,configmaps', '-n', namespace, '--show-labels')],
      repair: {
        what: `put Helm's labels back on ${lost.length} of its records of ${name}`,
        steps: lost.map((revision) => ({
          action: 'patch',
          ref: refOf(revision.record),
          operations: [
            ...asRead(revision.record),
            { op: 'add', path: '/metadata/labels', value: labelsOf(labelledRecord(revision)) },
          ],
        })),
      },
    }),
  ];
}
