import type { CopiedItems } from '../memcached/copy-items.ts';

/** What `warm` did, and what proves it. */
export interface WarmReport {
  release: string;
  namespace: string;
  /** Where items came from: "cart-old", "pod/cart-0", "cart@20261130T003000Z". */
  from?: string;
  /** One for each pair of pods; absent where nothing was copied. */
  copies?: PodCopy[];
  urls?: FetchedUrls;
  hitRatio?: HitRatioReached;
  /** What is not as asked for, a clause each; empty where all is. */
  lacking: string[];
}

export interface PodCopy extends CopiedItems {
  /** The pod, or the snapshot's part. */
  from: string;
  to: string;
}

export interface FetchedUrls {
  /** URLs that were asked for, each once a pass. */
  urls: number;
  succeeded: number;
  failed: number;
  /** The first of them. */
  failures: { url: string; why: string }[];
  /** Of the first pass. */
  seconds: number;
  /** Items that the pods have now and had not before. */
  itemsAdded: number;
  /** Undefined where the first pass failed, or was broken off. */
  secondPass?: SecondPass;
}

/** What pods counted while every URL was asked for again. */
export interface SecondPass {
  seconds: number;
  hits: number;
  misses: number;
  /** Misses in an equal stretch of time before the first pass: those of other clients. */
  idleMisses: number;
  isProved: boolean;
}

export interface HitRatioReached {
  goal: number;
  isReached: boolean;
  seconds: number;
  pods: {
    pod: string;
    /** Of the last stretch of time, 0 to 1; absent where fewer than 100 keys were read. */
    ratio?: number;
    readsPerSecond: number;
  }[];
}
