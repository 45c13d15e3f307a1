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
  return withoutNames([...live.secretValues, ...ownSecrets(live)], namesOf(live));
}

/**
 * What no output may show of releases that are read one after the other, as {@link secretsOfLive} has it of each. What the Secrets of a
 * namespace hold is looked at once, not once for each of the hundreds of releases that it may have.
 */
export class SecretsOfMany {
  /** By the values of a namespace: those that no release brought yet, for they are also names of each so far. */
  readonly #left = new Map<readonly string[], readonly string[]>();

  /** Those of one more release that the ones before it did not bring. */
  of(live: LiveRelease): string[] {
    const { secretValues } = live;
    const names = new Set(namesOf(live));
    const left = this.#left.get(secretValues) ?? secretValues;
    this.#left.set(
      secretValues,
      left.filter((value) => names.has(value)),
    );
    return withoutNames([...left, ...ownSecrets(live)], names);
  }
}

function ownSecrets({ classified, history }: LiveRelease): string[] {
  return [...classified.flatMap(({ object }) => secretValuesOf(object)), ...secretsOfHistory(history)];
}

function namesOf({ release, namespaceName, classified }: LiveRelease): string[] {
  return [release, namespaceName, ...classified.map(({ ref }) => ref.name)];
}

/** Of every revision: a password that was changed since may still be somebody's, and stand in what is shown. */
function secretsOfHistory(history: HelmRevision[]): string[] {
  return history.flatMap(({ document }) => secretHelmValues(document.config));
}
