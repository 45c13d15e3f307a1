import { type Advice, advice } from '../../advice/advice.ts';
import { kubectl, placeholder, tool } from '../../advice/command.ts';
import { ToolError } from '../../errors/tool-error.ts';
import type { StoreName } from '../advice.ts';
import { errnoOf } from '../errno.ts';
import type { StoreCondition } from '../store.ts';
import {
  MissingStore,
  reasonOf,
  type StoreTrouble,
  UnreadableStore,
  UnwritableStore,
} from '../store-error.ts';
import { LinkLost } from './client/link.ts';
import { BadFrame } from './wire/frames.ts';
import { Refused } from './wire/wire-error.ts';

/** A claim, and how its store is called. */
export interface NamedClaim extends StoreName {
  namespace: string;
  claim: string;
}

/** The volume is there, and has no room. */
const FULL = new Set(['ENOSPC', 'EDQUOT']);
/** The volume is not this user's. */
const DENIED = new Set(['EACCES', 'EPERM']);

/** What the operating system, the server in the claim's pod or the way to it said; undefined for whatever else went wrong. */
function reasonFor(
  error: unknown,
  { namespace, claim }: NamedClaim,
): { why: string; next: Advice; isFull?: boolean; trouble?: StoreTrouble } | undefined {
  const describe = kubectl('describe', 'pvc', claim, '-n', namespace);
  if (error instanceof LinkLost)
    return {
      why: `the connection to its pod was lost: ${error.message}`,
      next: 'run the same command again',
    };
  if (error instanceof BadFrame || error instanceof Refused)
    return { why: `its pod did not do it: ${error.message}`, next: 'run the same command again' };
  const code = errnoOf(error);
  if (code === undefined) return undefined;
  if (FULL.has(code))
    return {
      why: code === 'ENOSPC' ? 'its volume is full' : reasonOf(error),
      next: advice`make it larger where its class allows that (${describe}), or remove old backups with prune`,
      isFull: true,
    };
  if (DENIED.has(code))
    return {
      why: `${reasonOf(error)}: its volume does not belong to group 65532, as fsGroup asks`,
      next: advice`see what kind of volume it is: ${kubectl('get', 'pv', { output: kubectl('get', 'pvc', claim, '-n', namespace, '-o', 'jsonpath={.spec.volumeName}') }, '-o', 'yaml')}; one that honours fsGroup (CSI, local) is needed, or an owner of its folder set by hand`,
      trouble: { kind: 'claim denied', commands: [describe] },
    };
  return { why: reasonOf(error), next: describe };
}

/** Why a store on a claim could not be read. What is in words already stays as it is. */
export function pvcReadError(error: unknown, claim: NamedClaim): unknown {
  const { location, flags } = claim;
  if (errnoOf(error) === 'ENOENT' && !(error instanceof ToolError))
    return new MissingStore(`the store ${location} does not exist: the claim has no such folder`, {
      next: advice`take a first backup, which makes it: ${tool('backup', placeholder('RELEASE'), ...flags)}`,
      cause: error,
    });
  const reason = reasonFor(error, claim);
  if (reason === undefined) return error;
  const { why, next, trouble } = reason;
  return new UnreadableStore(`can't read the store ${location}: ${why}`, { next, trouble, cause: error });
}

/** @param left what may lie there now; one clause. */
export function pvcWriteError(error: unknown, claim: NamedClaim, left?: string): unknown {
  const reason = reasonFor(error, claim);
  if (reason === undefined) return error;
  const { why, next, trouble, isFull = false } = reason;
  return new UnwritableStore(
    `can't write to the store ${claim.location}: ${why}`,
    {
      untouched: `${left ?? 'nothing half written is left in it'}; the backups that it holds are as they were`,
      next,
      trouble,
      cause: error,
    },
    isFull,
  );
}

/** What a trial to write came to. */
export function unwritableClaim(error: Error, claim: NamedClaim): NonNullable<StoreCondition['unwritable']> {
  const reason = reasonFor(error, claim);
  if (reason === undefined) return { why: error.message, fix: [] };
  const { why, next, trouble } = reason;
  return { why, fix: [next], ...(trouble === undefined ? {} : { trouble }) };
}
