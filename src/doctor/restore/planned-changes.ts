import { helm, kubectl } from '../../advice/command.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { foreignManager } from '../../model/kubernetes/foreign-manager.ts';
import {
  annotationsOf,
  displayName,
  groupOf,
  type KubeObject,
  type ObjectRef,
  refOf,
} from '../../model/kubernetes/object.ts';
import type { PlannedObject } from '../../model/plan/plan.ts';
import type { Rehearsal, UnservedKind } from '../../model/plan/rehearsal.ts';
import { type AdvisedRelease, commandAbout, releaseOf } from '../advised-release.ts';
import { finding } from '../catalogue.ts';

/** Kinds of the backup that the cluster does not serve, or no longer in the backup's version. */
export function judgeUnservedKinds({ unserved }: Rehearsal, subject: AdvisedRelease): Finding[] {
  return unserved.map((kind) => {
    const { apiVersion, servedAs, objects } = kind;
    const [object] = objects;
    const common = { object: object!, release: releaseOf(subject), about: objects };
    if (servedAs === undefined) {
      return finding('MB410', {
        ...common,
        summary: `the cluster does not know its kind: a restore can’t write it`,
        evidence: [{ text: `no ${kind.kind} in ${apiVersion}: ${namesOf(kind)}` }],
        advice: [kubectl('api-resources', `--api-group=${groupOf(apiVersion)}`)],
      });
    }
    return finding('MB411', {
      ...common,
      summary: `the backup has it in ${apiVersion}, which is no longer served: ${servedAs} is`,
      evidence: [{ text: `no ${kind.kind} in ${apiVersion}: ${namesOf(kind)}` }],
      advice: [commandAbout(subject, 'backup')],
    });
  });
}

/** Objects that can't be written over, and those whose write nobody could try. */
export function plannedChanges({ plan, held }: Rehearsal, subject: AdvisedRelease): Finding[] {
  const remade = plan.objects.filter(({ action }) => action === 'recreate');
  const untried = plan.unchecked.filter(({ why }) => why !== 'its namespace does not exist yet');
  return [
    ...remade.map((object) => recreation(object, subject)),
    ...(held.length === 0
      ? []
      : [
          finding('MB416', {
            release: releaseOf(subject),
            summary: `a restore of ${subject.name} would have to delete what a finalizer holds, and refuses`,
            object: held[0]!.ref,
            evidence: held.map(({ text }) => ({ text })),
            about: held.map(({ ref }) => ref),
            advice: [commandAbout(subject, 'restore', '--recreate')],
          }),
        ]),
    ...(untried.length === 0
      ? []
      : [
          finding('MB415', {
            release: releaseOf(subject),
            summary: `${untried.length} ${untried.length === 1 ? 'write' : 'writes'} of a restore of ${subject.name} could not be tried`,
            evidence: untried.map(({ what, why }) => ({ text: `${what}: ${why}` })),
          }),
        ]),
  ];
}

function recreation({ ref, reason }: PlannedObject, subject: AdvisedRelease): Finding {
  const common = { object: ref, release: releaseOf(subject), evidence: [{ text: reason }] };
  if (ref.kind === 'Service') {
    return finding('MB413', {
      ...common,
      summary: 'a restore would have to delete it and make it again, and refuses: it may lose its address',
      advice: [commandAbout(subject, 'restore', '--recreate')],
    });
  }
  return finding('MB412', {
    ...common,
    summary: 'a restore would delete it and make it again',
    advice: [commandAbout(subject, 'restore', '--dry-run=server')],
  });
}

/** Who else claims what the restore would write. */
export function otherOwners(
  { plan, refusals }: Rehearsal,
  live: { find(ref: ObjectRef): KubeObject | undefined },
  subject: AdvisedRelease,
): Finding[] {
  const written = plan.objects
    .filter(({ role }) => role === 'owned')
    .map(({ ref }) => live.find(ref))
    .filter((object) => object !== undefined);
  const foreign = written.filter((object) => !isOwn(object, subject));
  // The plan has decided what counts as managed; here is who does it, and by which mark.
  const managed =
    refusals.managers.length === 0
      ? []
      : written.flatMap((object) => {
          const manager = foreignManager(object);
          return manager === undefined ? [] : [{ manager, ref: refOf(object) }];
        });
  const managers = Map.groupBy(managed, ({ manager }) => manager.name);
  return [
    ...foreign.map((object) => {
      const [ownerNamespace, name] = helmOwner(object);
      return finding('MB430', {
        object: refOf(object),
        release: releaseOf(subject),
        summary: `it belongs to another release, ${ownerNamespace}/${name}: a restore would write over it, and refuses`,
        evidence: [
          { text: `annotation meta.helm.sh/release-name: ${name}, release-namespace: ${ownerNamespace}` },
        ],
        advice: [helm('status', name ?? '', '-n', ownerNamespace ?? '')],
      });
    }),
    ...[...managers].map(([name, group]) =>
      finding('MB431', {
        object: group[0]!.ref,
        release: releaseOf(subject),
        summary: `${name} would revert a restore of it`,
        evidence: refusals.managers.filter((line) => line.startsWith(name)).map((text) => ({ text })),
        advice: [group[0]!.manager.suspend, commandAbout(subject, 'restore', '--force')],
        about: group.map(({ ref }) => ref),
      }),
    ),
    ...(refusals.workloads.length === 0
      ? []
      : [
          finding('MB432', {
            release: releaseOf(subject),
            summary: `${subject.name} holds other workloads than memcached: a restore takes --whole-release`,
            evidence: refusals.workloads.map((text) => ({ text })),
          }),
        ]),
  ];
}

function isOwn(object: KubeObject, { namespace, name }: AdvisedRelease): boolean {
  const [ownerNamespace, owner] = helmOwner(object);
  return owner === undefined || (owner === name && (ownerNamespace ?? namespace) === namespace);
}

/** Helm's own marks (helm.sh/helm/v3/pkg/action/validate.go). */
function helmOwner(object: KubeObject): [namespace: string | undefined, name: string | undefined] {
  const marks = annotationsOf(object);
  return [marks['meta.helm.sh/release-namespace'], marks['meta.helm.sh/release-name']];
}

function namesOf({ objects }: UnservedKind): string {
  return objects.map(displayName).join(', ');
}
