import type { AdvisedRelease } from '../../../../src/doctor/advised-release.ts';
import type { Finding } from '../../../../src/model/findings/finding.ts';
import type { ObjectRef } from '../../../../src/model/kubernetes/object.ts';
import type { Plan, PlannedObject } from '../../../../src/model/plan/plan.ts';
import type { Rehearsal } from '../../../../src/model/plan/rehearsal.ts';

export const SUBJECT: AdvisedRelease = {
  namespace: 'cache',
  name: 'cart',
  store: [],
};

export const DEPLOYMENT: ObjectRef = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'cache',
  name: 'cart',
};
export const SERVICE: ObjectRef = { apiVersion: 'v1', kind: 'Service', namespace: 'cache', name: 'cart' };

export function planned(
  ref: ObjectRef,
  action: PlannedObject['action'],
  more: Partial<PlannedObject> = {},
): PlannedObject {
  return { action, ref, role: 'owned', reason: '', changes: [], checked: true, ...more };
}

export function aPlan(more: Partial<Plan> = {}): Plan {
  return {
    backup: {
      id: '20261124T120000Z',
      cluster: 'here',
      namespace: 'cache',
      release: 'cart',
      takenAt: '2026-11-24T12:00:00Z',
    },
    namespace: { name: 'cache', action: 'keep' },
    helm: { action: 'none' },
    objects: [planned(DEPLOYMENT, 'keep'), planned(SERVICE, 'keep')],
    cachesEmptied: 0,
    unchecked: [],
    warnings: [],
    refusals: [],
    nothingToDo: false,
    ...more,
  };
}

/** One that went well, but for what is given. */
export function aRehearsal(more: Partial<Rehearsal> = {}): Rehearsal {
  return {
    plan: aPlan(),
    unserved: [],
    refused: [],
    refusedPods: [],
    held: [],
    refusals: { backup: [], namespace: [], workloads: [], managers: [], helm: [], permissions: [] },
    abandoned: [],
    settings: { differing: [] },
    ...more,
  };
}

export const codes = (findings: readonly Finding[]): string[] => findings.map(({ code }) => code);
