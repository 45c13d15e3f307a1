import { helm } from '../../advice/command.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { wrongLabels } from '../../model/helm/helm-labels.ts';
import { mayBeAtWork, operationBegan, recordWrittenAt } from '../../model/helm/helm-operation.ts';
import { type HelmRevision, newestRevision } from '../../model/helm/helm-release.ts';
import { isBlocking } from '../../model/helm/restored-record.ts';
import { stringAt } from '../../model/json/json.ts';
import type { ObjectRef } from '../../model/kubernetes/object.ts';
import { finding } from '../catalogue.ts';
import { releaseMark } from '../release-mark.ts';
import { judgeHelmLabels } from './lost-helm-labels.ts';
import { type LeaseSeen, mendPending } from './mend-pending.ts';
import { inOrder, type WaysBack } from './ways-back.ts';

/** What is known beside Helm's records. */
export interface BesideHelm {
  now: Date;
  lease: LeaseSeen;
  ways: WaysBack;
}

/** What Helm itself says of the release's last operation. */
export function judgeHelmStatus(
  history: HelmRevision[],
  { namespace, name }: { namespace: string; name: string },
  owned: ObjectRef[],
  beside: BesideHelm,
): Finding[] {
  const newest = newestRevision(history);
  if (newest === undefined) return [];
  const unfound = judgeHelmLabels(history, { namespace, name }, owned);
  // A record that Helm does not find it neither refuses nor works on.
  if (wrongLabels(newest).length > 0) return unfound;
  return [...unfound, ...judgeNewest(newest, { namespace, name }, owned, beside)];
}

function judgeNewest(
  newest: HelmRevision,
  { namespace, name }: { namespace: string; name: string },
  owned: ObjectRef[],
  { now, lease, ways }: BesideHelm,
): Finding[] {
  const { status, revision } = newest;
  const at = recordWrittenAt(newest) ?? operationBegan(newest);
  const description = stringAt(newest.document, 'info', 'description') ?? '';
  const common = {
    release: { namespace, name },
    about: [releaseMark({ namespace, name }), ...owned],
    evidence: [
      {
        text: `revision ${revision}: ${status}: ${description}`,
        ...(at === undefined || at === '' ? {} : { at }),
      },
    ],
    since: at === '' ? undefined : at,
  };
  const waysBack = inOrder(ways);
  const look = helm('history', name, '-n', namespace);
  const advice = [look, ...waysBack.map((way) => way.advice)];
  if (status === 'failed') {
    const summary = `Helm says that its last operation on ${name} failed`;
    return [finding('MB511', { ...common, summary, advice, waysBack })];
  }
  if (!isBlocking(newest)) return [];
  if (mayBeAtWork(newest, now)) {
    const summary = `Helm is at work on ${name}, or was stopped at it`;
    return [finding('MB513', { ...common, summary, advice: [look] })];
  }
  const mending = mendPending(newest, lease, now);
  return [
    finding('MB512', {
      ...common,
      ...(typeof mending === 'string'
        ? { evidence: [...common.evidence, { text: mending }] }
        : { repair: mending }),
      summary: `Helm refuses to touch ${name}: an operation on it never ended`,
      advice: isGoing(newest) ? [...advice, helm('uninstall', name, '-n', namespace)] : advice,
      waysBack,
    }),
  ];
}

/** An install that never ended has nothing before it; an uninstall is ended by running it again. */
function isGoing({ status }: HelmRevision): boolean {
  return status === 'uninstalling' || status === 'pending-install';
}
