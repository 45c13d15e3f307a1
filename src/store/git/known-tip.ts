import { type BranchTip, branchPatterns, tipOf } from './branch-tip.ts';
import type { GitPlace } from './git-location.ts';
import type { GitRepository } from './git-repository.ts';

/** `status -A` asks after each release, and each answer of a server takes a part of a second. */
const FRESH_MS = 5_000;

/** The branch as the server had it a moment ago, for whoever only reads, of several releases in one command. */
export class KnownTip {
  readonly #place: GitPlace;
  #known: { at: number; tip: BranchTip } | undefined;

  constructor(place: GitPlace) {
    this.#place = place;
  }

  /** A moment ago. @throws GitFailure */
  async lately(repository: GitRepository): Promise<BranchTip> {
    const { at, tip } = this.#known ?? { at: Number.NEGATIVE_INFINITY };
    return tip !== undefined && performance.now() - at < FRESH_MS ? tip : this.now(repository);
  }

  /** Asks the server. @throws GitFailure */
  async now(repository: GitRepository): Promise<BranchTip> {
    const tip = tipOf(this.#place, await repository.refs(branchPatterns(this.#place)));
    this.#known = { at: performance.now(), tip };
    return tip;
  }

  /** Something was pushed. */
  forget(): void {
    this.#known = undefined;
  }
}
