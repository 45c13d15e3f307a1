import { type Json, stringAt } from '../../../model/json/json.ts';
import type { BackupAddress, ReleaseAddress } from '../../store.ts';
import { BadFrame } from './frames.ts';

const PARTS = ['cluster', 'namespace', 'release', 'id'] as const;

/** The parts of an address that a message has. Whoever uses them checks that they can be folders. */
export function partialAddressIn(value: Json | undefined): Partial<BackupAddress> {
  return Object.fromEntries(
    PARTS.flatMap((part) => {
      const text = stringAt(value, part);
      return text === undefined ? [] : [[part, text]];
    }),
  );
}

/** @throws BadFrame where a part is missing. */
export function releaseIn(value: Json | undefined): ReleaseAddress {
  const { cluster, namespace, release } = partialAddressIn(value);
  if (cluster === undefined || namespace === undefined || release === undefined)
    throw new BadFrame('an address lacks a part');
  return { cluster, namespace, release };
}

/** @throws BadFrame where a part is missing. */
export function addressIn(value: Json | undefined): BackupAddress {
  const id = stringAt(value, 'id');
  if (id === undefined) throw new BadFrame('an address has no id');
  return { ...releaseIn(value), id };
}
