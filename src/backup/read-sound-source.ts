import { advice } from '../advice/advice.ts';
import type { CommandContext } from '../session/context.ts';
import { listCommand, verifyCommand } from '../store/advice.ts';
import { DamagedBackup } from '../store/format/damage.ts';
import type { BackupReader } from '../store/store.ts';
import { checkContent } from './checks/check-content.ts';
import type { CheckResult } from './checks/check-result.ts';
import { type RestoreSource, readSource } from './source.ts';

/**
 * Reads a backup that something is to be written from, or compared with: only where `verify` has nothing to say
 * against what it holds. The cluster is not asked.
 * @throws DamagedBackup in the words of `verify`, naming the object or file.
 */
export async function readSoundSource(
  reader: BackupReader,
  { version }: Pick<CommandContext, 'version'>,
): Promise<RestoreSource> {
  const results = await checkContent(reader, version);
  const wrong = results.filter((result) => result.status === 'failed');
  if (wrong.length > 0) throw unsound(reader, wrong);
  return readSource(reader);
}

function unsound(
  { location, operand, store, address }: BackupReader,
  [first, ...others]: Extract<CheckResult, { status: 'failed' }>[],
): DamagedBackup {
  const { what, why } = first!;
  const more = others.length === 0 ? '' : `; and ${others.length} more`;
  const orAnother =
    store === undefined
      ? ''
      : advice`; or choose another one: ${listCommand(store, address.release, address.namespace)}`;
  return new DamagedBackup(
    location,
    `${why.includes(what) ? why : `${what}: ${why}`}${more}`,
    advice`see all of it: ${verifyCommand(operand)}${orAnother}`,
    'the cluster was not changed',
  );
}
