import type { LiveRelease } from '../kube/read-release.ts';
import { effectiveRevision, type HelmRevision, newestRevision } from '../model/helm-release.ts';
import { secretHelmValues, secretValuesOf } from '../model/secrecy.ts';
import type { RestoreSource } from '../restore/source.ts';

/** Values of a backup that must not reach any output. */
export function secretsOfSource({ objects, history }: RestoreSource): string[] {
  return [...objects.flatMap(({ raw }) => secretValuesOf(raw)), ...secretsOfHistory(history)];
}

/** Values of a live release, and of its namespace's Secrets, that must not reach any output. */
export function secretsOfLive(live: LiveRelease): string[] {
  const objects = [...live.all('Secret'), ...live.placed.map(({ object }) => object)];
  return [...objects.flatMap(secretValuesOf), ...secretsOfHistory(live.history)];
}

function secretsOfHistory(history: HelmRevision[]): string[] {
  const shown = [effectiveRevision(history), newestRevision(history)];
  return shown.flatMap((revision) => secretHelmValues(revision?.document.config));
}
