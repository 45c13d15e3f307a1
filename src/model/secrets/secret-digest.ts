import { createHash } from 'node:crypto';
import type { Json } from '../json/json.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { hideSecrets, hideSecretValues } from './hide-secrets.ts';

/** Hex digits shown of a digest: enough to see that two values differ, too few to be of use otherwise. */
const SHOWN = 8;

/** What stands for a secret value where it must be compared but not shown: "sha256:1f2e3d4c". */
export function secretDigest(value: string | Buffer): string {
  return `sha256:${createHash('sha256').update(value).digest('hex').slice(0, SHOWN)}`;
}

/**
 * The object with a digest in place of every secret: of a Secret's data, the digest of the decoded bytes, so
 * that `printf … | sha256sum` gives the same.
 */
export function withSecretDigests(object: KubeObject): KubeObject {
  return hideSecrets(object, secretDigest);
}

/** The same for a tree of values, as a chart takes them: whatever lies below a secret-looking key. */
export function withSecretValueDigests(values: Json): Json {
  return hideSecretValues(values, secretDigest);
}
