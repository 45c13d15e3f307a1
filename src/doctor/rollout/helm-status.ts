import type { Finding } from '../../model/findings/finding.ts';
import { wrongLabels } from '../../model/helm/helm-labels.ts';
import { mayBeAtWork, operationBegan, recordWrittenAt } from '../../model/helm/helm-operation.ts';
import { type HelmRevision, newestRevision, sortRevisions } from '../../model/helm/helm-release.ts';
import { isBlocking } from '../../model/helm/restored-record.ts';
import { stringAt } from '../../model/json/json.ts';
import type { ObjectRef } from '../../model/kubernetes/object.ts';
import { finding } from '../catalogue.ts';
import { releaseMark } from '../release-mark.ts';
import { judgeHelmLabels } from './lost-helm-labels.ts';
import { type LeaseSeen, mendPending } from './mend-pending.ts';

/** What Helm itself says of the release's last operation. */
export function judgeHelmStatus(
  history: HelmRevision[],
  { namespace, name }: { namespace: string; name: string },
  owned: ObjectRef[],
  { now, lease }: { now: Date; lease: LeaseSeen },
): Finding[] {
  const newest = newestRevision(history);
  if (newest === undefined) return [];
  const unfound = judgeHelmLabels(history, { namespace, name }, owned);
  // A record that Helm does not find it neither refuses nor works on.
  if (wrongLabels(newest).length > 0) return unfound;
  return [...unfound, ...judgeNewest(history, newest, { namespace, name }, { owned, now, lease })];
}

function judgeNewest(
  history: HelmRevision[],
  newest: HelmRevision,
  { namespace, name }: { namespace: string; name: string },
  { owned, now, lease }: { owned: ObjectRef[]; now: Date; lease: LeaseSeen },
): Finding[] {
  const { status, revision } = newest;
  const isUninstall = status === 'uninstalling';
  const at = recordWrittenAt(newest) ?? operationBegan(newest) ?? '';
  const description = stringAt(newest.document, 'info', 'description') ?? '';
  const common = {
    release: { namespace, name },
    about: [releaseMark({ namespace, name }), ...owned],
    evidence: [{ text: `revision ${revision}: ${status}: ${description}`, ...(at === '' ? {} : { at }) }],
  };
  const good = revisionToGoBackTo(history, newest);
  const rollback = good === undefined ? [] : [`helm rollback ${name} ${good.revision} -n ${namespace}`];
  const uninstall = `helm uninstall ${name} -n ${namespace}`;
  if (status === 'failed') {
    const summary = `Helm says that its last operation on ${name} failed`;
    return [
      finding('MB511', { ...common, summary, advice: [`helm history ${name} -n ${namespace}`, ...rollback] }),
    ];
  }
  if (!isBlocking(newest)) return [];
  const isOld = !mayBeAtWork(newest, now);
  const mending = isOld ? mendPending(newest, lease, now) : '';
  return isOld
    ? [
        finding('MB512', {
          ...common,
          ...(typeof mending === 'string'
            ? { evidence: [...common.evidence, { text: mending }] }
            : { repair: mending }),
          summary: `Helm refuses to touch ${name}: an operation on it never ended`,
          advice: isUninstall || good === undefined ? [uninstall, ...rollback] : rollback,
        }),
      ]
    : [finding('MB513', { ...common, summary: `Helm is at work on ${name}, or was stopped at it` })];
}

/**
 * What ran before the operation that went wrong: the newest deployed revision, else the one that was superseded
 * last. A rollback that fails marks the deployed one superseded and its own failed, so that none is deployed
 * (helm.sh/helm/v3/pkg/action/rollback.go, performRollback; Helm 4 likewise).
 */
function revisionToGoBackTo(history: HelmRevision[], newest: HelmRevision): HelmRevision | undefined {
  const earlier = sortRevisions(history).filter((revision) => revision !== newest);
  return (
    earlier.findLast(({ status }) => status === 'deployed') ??
    earlier.findLast(({ status }) => status === 'superseded')
  );
}
