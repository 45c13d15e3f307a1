import { settingsOfLivePods } from '../backup/ask-pods-through.ts';
import { secretsOfLive } from '../backup/release-secrets.ts';
import type { RestoreSource } from '../backup/source.ts';
import type { KubeClient } from '../kube/client.ts';
import { kindKey } from '../kube/inventory.ts';
import { readRelease } from '../kube/read-release.ts';
import type { Side } from '../model/release/difference.ts';
import { RELEASE_KINDS } from '../model/release/release-kinds.ts';
import type { IO } from '../output/io.ts';
import { sideOfLive } from './difference-sides.ts';

/** A release that was read, or is being read, with these kinds beside the usual ones. */
interface Reading {
  kinds: Map<string, Kind>;
  side: Promise<Side>;
}

type Kind = { apiVersion: string; kind: string };

const USUAL = new Set(RELEASE_KINDS.map(([apiVersion, kind]) => kindKey(apiVersion, kind)));

/**
 * What backups are compared with, where there are several of a release: it is read once, with its pods' answers, and again only for a backup that
 * holds objects of a kind that was not read yet.
 */
export class LiveSides {
  readonly #kube: KubeClient;
  readonly #io: IO;
  readonly #kept: number;
  /** By release, in the order in which they were read. */
  readonly #readings = new Map<string, Reading>();

  /** @param kept how many releases are kept in memory: backups of more are not compared side by side. */
  constructor(kube: KubeClient, io: IO, kept: number) {
    this.#kube = kube;
    this.#io = io;
    this.#kept = kept;
  }

  /** The release that the backup is of, as it was when it was first asked for. @throws as readRelease does */
  of({ document, objects }: RestoreSource): Promise<Side> {
    const namespace = document.namespace.name;
    const release = `${namespace}/${document.release}`;
    const known = this.#readings.get(release);
    const held: Kind[] = [...objects.map(({ ref }) => ref), ...(document.withoutSecrets?.objects ?? [])];
    const kinds = new Map(
      held.map(({ apiVersion, kind }) => [kindKey(apiVersion, kind), { apiVersion, kind }]),
    );
    const isRead = (key: string): boolean => USUAL.has(key) || known?.kinds.has(key) === true;
    if (known !== undefined && [...kinds.keys()].every(isRead)) return known.side;
    for (const [key, kind] of known?.kinds ?? []) kinds.set(key, kind);
    const side = this.#read(namespace, document.release, [...kinds.values()]);
    this.#readings.set(release, { kinds, side });
    for (const oldest of this.#readings.keys()) {
      if (this.#readings.size <= this.#kept) break;
      this.#readings.delete(oldest);
    }
    return side;
  }

  async #read(namespace: string, release: string, alsoKinds: Kind[]): Promise<Side> {
    const live = await readRelease(this.#kube, { namespace, release, alsoKinds });
    this.#io.mask(secretsOfLive(live));
    return sideOfLive(live, await settingsOfLivePods(this.#kube, live));
  }
}
