import { type Command, helm } from '../../advice/command.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { newestRevision } from '../../model/helm/helm-release.ts';
import { stringAt } from '../../model/json/json.ts';
import { finding } from '../catalogue.ts';
import type { ExaminedRelease } from '../doctor-context.ts';
import { releaseMark } from '../release-mark.ts';

/** What tells whether a release is there. */
type Present = Pick<ExaminedRelease, 'namespace' | 'name' | 'workloads'> & {
  live: Pick<LiveRelease, 'history' | 'historyDenied' | 'unreadable' | 'named' | 'namespace'>;
};

/** Another namespace in which a release of this name is, or was. */
export interface OtherPlace {
  /** "the store holds 3 backups of it in namespace shop" */
  text: string;
  look: Command;
}

/**
 * That a release which was named does not exist: nothing has its name, or Helm has uninstalled it and kept its
 * records (`helm uninstall --keep-history`).
 * @param canList whether workloads may be listed.
 * @param restore the command that brings it back; none where no backup of it is there.
 * @param others where else it has backups: it may be that one who asks stands in the wrong namespace.
 */
export function judgeReleaseExists(
  release: Present,
  canList: boolean,
  { restore, others }: { restore: readonly Command[]; others: readonly OtherPlace[] },
): Finding[] {
  const { live, namespace, name, workloads } = release;
  const isEmpty = live.history.length === 0 && live.named.length === 0;
  const newest = newestRevision(live.history);
  const isUninstalled = newest?.status === 'uninstalled' && workloads.length === 0;
  if (!canList || live.historyDenied.length > 0 || live.unreadable.length > 0) return [];
  if (!isEmpty && !isUninstalled) return [];
  const place = live.namespace === undefined ? `there is no namespace ${namespace}` : undefined;
  let evidence: Evidence = { text: place ?? 'no memcached workload and no record of Helm has this name' };
  if (isUninstalled) {
    const at = stringAt(newest.document, 'info', 'deleted') ?? '';
    evidence = { text: `revision ${newest.revision}: uninstalled`, ...(at === '' ? {} : { at }) };
  }
  return [
    finding('MB510', {
      release: { namespace, name },
      summary: `there is no release ${name} in the namespace ${namespace}`,
      evidence: [
        evidence,
        ...others.map(({ text }) => ({ text })),
        ...(isUninstalled || restore.length + others.length > 0
          ? []
          : [{ text: 'the store holds no backup of it either: there may never have been one' }]),
      ],
      advice: [
        ...(isUninstalled ? [] : [helm('list', '-A')]),
        ...others.map(({ look }) => look),
        ...restore,
        ...(isUninstalled ? [helm('rollback', name, newest.revision, '-n', namespace)] : []),
      ],
      about: [releaseMark({ namespace, name })],
    }),
  ];
}
