import type { LiveRelease } from '../kube/read-release.ts';
import type { HelmRevision } from '../model/helm/helm-release.ts';
import { secretHelmValues, secretValuesOf, withoutNames } from '../model/secrets/secrecy.ts';
import type { RestoreSource } from './source.ts';

/** Values of a backup that must not reach any output. */
export function secretsOfSource({ document, objects, history }: RestoreSource): string[] {
  const names = [document.release, document.namespace.name, ...document.objects.map(({ name }) => name)];
  return withoutNames(
    [...objects.flatMap(({ raw }) => secretValuesOf(raw)), ...secretsOfHistory(history)],
    names,
  );
}

/** Values of a live release, and of its namespace's Secrets, that must not reach any output. */
export function secretsOfLive(live: LiveRelease): string[] {
  const objects = live.classified.map(({ object }) => object);
  const names = [live.release, live.namespaceName, ...live.classified.map(({ ref }) => ref.name)];
  return withoutNames(
    [...live.secretValues, ...objects.flatMap(secretValuesOf), ...secretsOfHistory(live.history)],
    names,
  );
}

/** Of every revision: a password that was changed since may still be somebody's, and stand in what is shown. */
function secretsOfHistory(history: HelmRevision[]): string[] {
  return history.flatMap(({ document }) => secretHelmValues(document.config));
}
