import type { Advice } from '../../advice/advice.ts';
import { shell } from '../../advice/command.ts';
import { arrayAt, isObject, stringAt } from '../json/json.ts';
import { annotationsOf, type KubeObject, labelsOf } from './object.ts';

/** Something that would put an object back to what it holds itself, and how to make it stop for a while. */
export interface ForeignManager {
  /** 'Argo CD application "shop"' */
  name: string;
  /** The command that suspends it, or what to do where there is none. */
  suspend: Advice;
}

/**
 * Who manages an object besides Helm and people: Argo CD (its docs, "Resource Tracking"), Flux's kustomize and
 * Helm controllers (their docs, "Kustomization", "HelmRelease"), or an operator that owns it as a controller.
 * Argo CD's tracking by app.kubernetes.io/instance alone can't be told from Helm's own label.
 */
export function foreignManager(object: KubeObject): ForeignManager | undefined {
  const labels = labelsOf(object);
  const tracking = annotationsOf(object)['argocd.argoproj.io/tracking-id'];
  const application = tracking?.split(':')[0] ?? labels['argocd.argoproj.io/instance'];
  if (application !== undefined) {
    return {
      name: `Argo CD application "${application}"`,
      suspend: shell('argocd', 'app', 'set', application, '--sync-policy', 'none'),
    };
  }
  for (const [prefix, kind, word] of [
    ['kustomize.toolkit.fluxcd.io', 'Kustomization', 'kustomization'],
    ['helm.toolkit.fluxcd.io', 'HelmRelease', 'helmrelease'],
  ] as const) {
    const name = labels[`${prefix}/name`];
    if (name === undefined) continue;
    const namespace = labels[`${prefix}/namespace`];
    return {
      name: `Flux ${kind} "${name}"`,
      suspend: shell('flux', 'suspend', word, name, ...(namespace === undefined ? [] : ['-n', namespace])),
    };
  }
  return operatorOf(object, labels['app.kubernetes.io/managed-by']);
}

function operatorOf(object: KubeObject, managedBy: string | undefined): ForeignManager | undefined {
  const owner = arrayAt(object, 'metadata', 'ownerReferences').find(
    (candidate) => isObject(candidate) && candidate.controller === true,
  );
  if (owner === undefined || managedBy === undefined || managedBy === 'Helm') return undefined;
  const kind = stringAt(owner, 'kind') ?? 'object';
  const resource = `${kind.toLowerCase()}/${stringAt(owner, 'name') ?? ''}`;
  return {
    name: `operator "${managedBy}" (${resource})`,
    suspend: `stop the operator, or change ${resource} instead`,
  };
}
