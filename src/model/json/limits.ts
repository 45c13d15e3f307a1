/**
 * What is read of things that others write (releases' records, manifests, answers, backups) has limits, counted before anything
 * is built of it: a few kB can stand for millions of values. Sizes alone don't bound the cost. Each limit is well above what
 * Kubernetes, Helm and memcached make of what they allow; docs/performance.md says how both were measured.
 */

/** Something is larger than what is read of it. The message says by which measure, never what it holds. */
export class BeyondLimit extends Error {
  override readonly name = 'BeyondLimit';
}

/** How large a JSON text may be. */
export interface JsonLimits {
  bytes: number;
  /** Objects, arrays, strings, numbers, true, false and null, at any depth; names of members don't count. */
  values: number;
  /** Objects and arrays inside one another. */
  depth: number;
  /** Members of the outermost object. */
  members: number;
}

const MIB = 2 ** 20;

/** The API server refuses JSON that is nested ten thousand deep; no kind of object comes near this. */
export const MAX_DEPTH = 512;

/**
 * A Helm release's document, decompressed. Helm stores it compressed in at most 1 MiB of base64 (apiserver's
 * MaxSecretSize, which is that of a ConfigMap too).
 * The manifest and each of the chart's files are one value each, so that values are those of values.yaml and its schema.
 */
export const RELEASE_LIMITS: JsonLimits = {
  bytes: 48 * MIB,
  values: 500_000,
  depth: MAX_DEPTH,
  members: 1_000,
};

/** An object of the cluster's, as a backup holds it: etcd refuses more than 1.5 MiB, which indentation makes more of. */
export const OBJECT_LIMITS: JsonLimits = {
  bytes: 8 * MIB,
  values: 500_000,
  depth: MAX_DEPTH,
  members: 1_000,
};

/** helm/release.json.gz of a backup, decompressed: a list of Helm's records, of which each is one text in a Secret or ConfigMap. */
export const RECORDS_LIMITS: JsonLimits = {
  bytes: 256 * MIB,
  values: 500_000,
  depth: MAX_DEPTH,
  members: 1_000,
};

/** Of one release's records as they are saved, without what is around them in the list: it can be read again. Helm keeps ten of 1 MiB at most. Bytes. */
export const MAX_SAVED_RECORDS = 240 * MIB;

/** One answer of memcached's: `stats settings` has some eighty lines, `stats conns` a few a connection. Bytes. */
export const MAX_MEMCACHED_ANSWER = 2 * MIB;

/** One object, or one log, in an answer of the API server, decompressed: etcd holds 1.5 MiB. Bytes. */
export const MAX_ANSWER = 64 * MIB;

/** One object in an answer of the API server: etcd's 1.5 MiB hold 800,000 values, if all of them are digits. */
export const ANSWER_LIMITS: JsonLimits = {
  bytes: MAX_ANSWER,
  values: 2_000_000,
  depth: MAX_DEPTH,
  members: 2_000_000,
};

/**
 * One list of the API server, all of its pages: it is kept as text. 300 releases with their records take some 20 MiB
 * (test/e2e/many-releases.test.ts). Bytes.
 */
export const MAX_LIST = 512 * MIB;

/** Objects of one list: of each, an outline is in memory. Kubernetes is made for 150,000 pods in a cluster. */
export const MAX_LISTED_OBJECTS = 300_000;

/** Objects of all lists of a run together: some 600 bytes each are in memory. */
export const MAX_LISTED_TOGETHER = 600_000;

/** Pages of one list: the server may make them smaller than what was asked for. */
export const MAX_PAGES = 1_000;

/** How large a YAML text may be. */
export interface YamlLimits {
  /** Of the whole text. */
  characters: number;
  /** Of one document in it. */
  documentCharacters: number;
  /** Of the whole text: keys, scalars, indicators, blanks, comments and line breaks, as YAML's lexer cuts them. */
  tokens: number;
  /** Of one document in it: what is worked on at one go. */
  documentTokens: number;
  /** Collections inside one another. */
  depth: number;
  /** Of one document. */
  aliases: number;
  /** Of one document, each alias counted as all that it stands for, and 32 characters of a text as another node. */
  expandedNodes: number;
}

/** A kubeconfig of a thousand clusters, each with its certificates, is some 8 MB in 30,000 tokens. */
export const KUBECONFIG_LIMITS: YamlLimits = {
  characters: 32 * MIB,
  documentCharacters: 32 * MIB,
  tokens: 500_000,
  documentTokens: 500_000,
  depth: 50,
  aliases: 1_000,
  expandedNodes: 2_000_000,
};

/** A Helm manifest, or an object's YAML. */
export const YAML_LIMITS: YamlLimits = {
  characters: RELEASE_LIMITS.bytes,
  documentCharacters: 6 * MIB,
  tokens: 2_000_000,
  documentTokens: 300_000,
  // The document and a scalar count too.
  depth: MAX_DEPTH + 2,
  aliases: 1_000,
  // More than the tokens and characters of a document without aliases can be.
  expandedNodes: 500_000,
};
