import { type Link, LinkLost } from './link.ts';

/** How the server in a claim's pod is reached. */
export interface HelperDoor {
  /**
   * A connection to it; it is started first where it does not run.
   * @throws ToolError saying what keeps it from running; LinkLost.
   */
  connect(): Promise<Link>;
}

/** The server in a claim's pod, as a store sees it: one connection, made when something is asked, and again after it was cut. */
export class Helper {
  readonly #door: HelperDoor;
  #link: Promise<Link> | undefined;

  constructor(door: HelperDoor) {
    this.#door = door;
  }

  /**
   * Reads something over one connection; where that ends meanwhile, once more over another one.
   * @throws what `work` does; LinkLost.
   */
  read<T>(work: (link: Link) => Promise<T>): Promise<T> {
    return this.#twice(work, () => true);
  }

  /**
   * Writes something over one connection.
   * @throws what `work` does; LinkLost where the connection ends meanwhile: what was sent is not sent again.
   */
  write<T>(work: (link: Link) => Promise<T>): Promise<T> {
    // The end of a connection may not be known yet when it is taken.
    return this.#twice(work, ({ unsent }) => unsent);
  }

  async #twice<T>(work: (link: Link) => Promise<T>, isAgain: (lost: LinkLost) => boolean): Promise<T> {
    try {
      return await work(await this.#current());
    } catch (error) {
      if (!(error instanceof LinkLost && isAgain(error))) throw error;
      return work(await this.#current());
    }
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    (await link?.catch(() => undefined))?.close();
  }

  async #current(): Promise<Link> {
    const known = this.#link;
    if (known !== undefined && !(await known).isLost) return known;
    // Of several who find it lost, the first one connects.
    if (this.#link === known) this.#link = this.#connect();
    return this.#link ?? this.#connect();
  }

  #connect(): Promise<Link> {
    const link = this.#door.connect();
    link.catch(() => {
      if (this.#link === link) this.#link = undefined;
    });
    return link;
  }
}
