import type { Advice } from '../../advice/advice.ts';
import { kubectl, pipe, type Word } from '../../advice/command.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { displayName, keyOf, type ObjectRef } from '../../model/kubernetes/object.ts';
import type { Plan } from '../../model/plan/plan.ts';
import type { RefusedWrite, Rehearsal } from '../../model/plan/rehearsal.ts';
import { type AdvisedRelease, commandAbout, releaseOf } from '../advised-release.ts';
import { type Code, finding } from '../catalogue.ts';
import { releaseMark } from '../release-mark.ts';
import { causeOfRefusal, type RefusalCause } from './refusal.ts';

const CODE_OF: Record<Exclude<RefusalCause, 'permission' | 'terminating'>, Code> = {
  quota: 'MB423',
  'pod-security': 'MB422',
  admission: 'MB420',
  'webhook-down': 'MB421',
  unserved: 'MB410',
  other: 'MB414',
};

/**
 * What the API server would not take of a backup, one finding a cause: a webhook that is down refuses every
 * object, and is one failure. A namespace that is being deleted is a finding of its own.
 */
export function refusedWrites(rehearsal: Rehearsal, subject: AdvisedRelease): Finding[] {
  const tried = [
    ...rehearsal.refused.map((write) => ({ ...write, ofPod: false })),
    // An object that is refused itself says all that its pods would say.
    ...rehearsal.refusedPods
      .filter((pod) => !isRefused(pod.ref, rehearsal))
      .map((pod) => ({ ...pod, ofPod: true })),
  ];
  const judged = tried.flatMap((write) => {
    const cause = causeOfRefusal(write);
    if (cause === 'permission' || cause === 'terminating') return [];
    const code =
      write.ofPod && cause === 'quota' && isRunning(write.ref, rehearsal.plan) ? 'MB424' : CODE_OF[cause];
    return [{ ...write, code }];
  });
  return [...Map.groupBy(judged, ({ code }) => code)].map(([code, writes]) => refusal(code, writes, subject));
}

/**
 * What you may not do, as far as the rehearsal came upon it.
 * @param whom you, as `permissions --for` takes it; asked only where something is lacking.
 */
export async function lackingPermissions(
  { refused, refusals }: Rehearsal,
  subject: AdvisedRelease,
  whom: () => Promise<Word>,
): Promise<Finding[]> {
  const lines = [
    ...refusals.permissions,
    ...refused
      .filter((write) => causeOfRefusal(write) === 'permission')
      .map(({ ref, message }) => `${displayName(ref)}: ${message}`),
  ];
  if (lines.length === 0) return [];
  return [
    finding('MB470', {
      summary: `you may not restore ${subject.name}: ${lines.length} ${lines.length === 1 ? 'thing is' : 'things are'} forbidden`,
      release: releaseOf(subject),
      evidence: lines.map((text) => ({ text })),
      about: [releaseMark(subject)],
      advice: [
        pipe(
          commandAbout(subject, 'permissions restore', '-o', 'yaml', '--for', await whom()),
          kubectl('apply', '-f', '-'),
        ),
      ],
    }),
  ];
}

function isRefused(ref: ObjectRef, { refused }: Rehearsal): boolean {
  return refused.some((write) => keyOf(write.ref) === keyOf(ref));
}

/** Whether the workload is there: its pods have their share of a quota already. */
function isRunning(ref: ObjectRef, { objects }: Plan): boolean {
  return objects.some((object) => keyOf(object.ref) === keyOf(ref) && object.action !== 'create');
}

function refusal(
  code: Code,
  writes: (RefusedWrite & { ofPod: boolean })[],
  subject: AdvisedRelease,
): Finding {
  const [first] = writes;
  const others = writes.length - 1;
  const more = others === 0 ? '' : ` and ${others} more`;
  return finding(code, {
    object: first!.ref,
    release: releaseOf(subject),
    summary: `${SUMMARY[code] ?? 'a restore would be refused'}${more}`,
    evidence: writes.map(({ ref, message, ofPod }) => ({
      text: `${ofPod ? `a pod of ${displayName(ref)}` : displayName(ref)}: ${message}`,
    })),
    advice: fixOf(code, writes, subject),
    about: writes.map(({ ref }) => ref),
  });
}

const SUMMARY: Partial<Record<Code, string>> = {
  MB410: 'the cluster does not serve its kind: a restore can’t write it',
  MB414: 'the API server would not take it',
  MB420: 'an admission rule would refuse it',
  MB421: 'an admission webhook that has to agree does not answer',
  MB422: 'the namespace’s Pod Security level would refuse its pods',
  MB423: 'a quota leaves no room for it',
  MB424: 'a quota leaves no room for a pod beside those that run',
};

function fixOf(code: Code, writes: RefusedWrite[], subject: AdvisedRelease): Advice[] {
  const { namespace } = subject;
  switch (code) {
    case 'MB420':
      return [
        ...(writes.some(({ message }) => /ValidatingAdmissionPolicy/.test(message)) ? [POLICIES] : []),
        kubectl('describe', 'limitrange', '-n', namespace),
        WEBHOOKS,
      ];
    case 'MB421':
      return [WEBHOOKS];
    case 'MB422': {
      const [, level] = /violates PodSecurity "(\w+)/.exec(writes[0]!.message) ?? [];
      const lower = level === 'restricted' ? 'baseline' : 'privileged';
      const label = `pod-security.kubernetes.io/enforce=${lower}`;
      return [kubectl('label', 'namespace', namespace, '--overwrite', label)];
    }
    case 'MB423':
    case 'MB424':
      return [kubectl('describe', 'resourcequota', '-n', namespace)];
    default:
      return [commandAbout(subject, 'restore', '--dry-run=server')];
  }
}

const WEBHOOKS = kubectl('get', 'validatingwebhookconfigurations,mutatingwebhookconfigurations');

/** Served since Kubernetes 1.30; before that `kubectl get` of several kinds shows none of them for the one that it lacks. */
const POLICIES = kubectl('get', 'validatingadmissionpolicies');
