import { UsageError } from '../../errors/tool-error.ts';
import { isFolderName } from '../format/layout.ts';

/** The object that a claim is called by: DNS subdomain (Kubernetes, "Object Names and IDs"). */
const CLAIM = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;
const NAMESPACE = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** Where a store lies in a claim. */
export interface PvcPlace {
  /** undefined: the namespace in use. */
  namespace: string | undefined;
  claim: string;
  /** The folder in it; empty for its root. */
  folder: readonly string[];
}

/**
 * `pvc://CLAIM`, `pvc://NAMESPACE/CLAIM[/FOLDER]`; with a folder and the namespace in use, `pvc:///CLAIM/FOLDER`: of two words
 * the first is always the namespace.
 * @throws UsageError
 */
export function parsePvcLocation(location: string): PvcPlace {
  const words = /^pvc:\/\/(.*)$/is.exec(location)?.[1]?.replace(/\/+$/, '').split('/') ?? [];
  const isLocal = words.length === 1 || words[0] === '';
  const [namespace, claim = '', ...folder] = words.length === 1 ? ['', ...words] : words;
  const isGood =
    CLAIM.test(claim) &&
    claim.length <= 253 &&
    (isLocal || NAMESPACE.test(namespace ?? '')) &&
    folder.every(isFolderName);
  if (!isGood)
    throw new UsageError(`"${location}" names no claim`, {
      next: 'name it as pvc://CLAIM, pvc://NAMESPACE/CLAIM or pvc://NAMESPACE/CLAIM/FOLDER',
    });
  return { namespace: isLocal ? undefined : namespace, claim, folder };
}

/** The location with its namespace, which leads to the same store wherever it is used. */
export function pvcLocation(namespace: string, { claim, folder }: PvcPlace): string {
  return `pvc://${[namespace, claim, ...folder].join('/')}`;
}
