import { tool } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import type { SameAsLive } from '../diff/same-as-live.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { assertReleaseName } from '../model/records/backup-id.ts';
import { print } from '../output/print.ts';
import { listSafety } from '../retention/holdings.ts';
import type { CommandContext, OutputFormat } from '../session/context.ts';
import { reading } from '../session/under-way.ts';
import { findBackups } from '../store/find/find-backups.ts';
import { signaturesOf } from '../store/seal/sealing-store.ts';
import type { Signatures, Signed } from '../store/sign/signatures.ts';
import type { BackupAddress, ListedBackup } from '../store/store.ts';
import { backupName, listColumns, listData, type SignedOf } from './list-view.ts';

export interface ListOptions {
  /** Only this release's backups. */
  release?: string;
  /** Only this namespace's; every namespace of the store without it. */
  namespace?: string;
  /** Every namespace, also where `namespace` is given. */
  allNamespaces: boolean;
  /** Also the safety backups in the state folder. */
  safety: boolean;
  /** --live: also whether each is as the cluster is now, which is asked then. */
  live?: boolean;
  output: OutputFormat;
  /** --no-headers. */
  headers: boolean;
}

/**
 * `list [RELEASE]`: the store's backups, newest first. It reads the store alone: someone whose cluster is
 * down must see what there is to restore. So the namespace of the kubeconfig's context does not narrow it;
 * only -n does (Helm always names one).
 */
export async function list(options: ListOptions, context: CommandContext): Promise<ExitCode> {
  if (options.release !== undefined) assertReleaseName(options.release);
  const { io } = context;
  const store = await context.store();
  const filter = filterOf(options);
  const { backups, damaged, others } = await findBackups(
    store,
    filter,
    await besides(options, filter, context),
  );
  if (backups.length === 0) io.say(`No backups ${describe(filter)}in the store ${store.location}.`);
  if (others > 0) {
    const command = spellCommand(tool('list', '-A', ...store.flags), context.spelling);
    io.say(`It holds ${others} of other releases or namespaces: ${command}`);
  }
  if (damaged > 0) io.warn(`${damaged} of ${backups.length} can't be restored: damaged or not readable`);
  const now = context.now();
  const signed = await judgeAll(backups, signaturesOf(store), now);
  const live = options.live === true ? await liveOf(backups, context) : undefined;
  await print(
    io,
    {
      kind: 'BackupList',
      data: () => ({
        store: store.location,
        items: backups.map((backup) => listData(backup, signed.get(backup), live?.get(backup))),
      }),
      rows: options.output === 'name' ? backups.filter(({ address }) => address.id !== '') : backups,
      columns: listColumns(backups, {
        now,
        signed,
        ...(live === undefined ? {} : { live }),
        isOfOneNamespace: filter.namespace !== undefined,
      }),
      name: backupName,
    },
    options,
  );
  return ExitCode.ok;
}

/** Loaded where it is asked for alone: `list` needs no cluster. */
async function liveOf(
  backups: readonly ListedBackup[],
  context: CommandContext,
): Promise<ReadonlyMap<ListedBackup, SameAsLive>> {
  const { sameAsLive } = await import('../diff/same-as-live.ts');
  return reading(context, 'Comparing with the cluster', 'nothing was changed', () =>
    sameAsLive(backups, context),
  );
}

/** What lies in the state folder. */
async function besides(
  { safety }: ListOptions,
  filter: Partial<BackupAddress>,
  { store, stateFolder, io }: CommandContext,
): Promise<ListedBackup[]> {
  if (!safety) return [];
  const places = { store: await store(), stateFolder: await stateFolder() };
  return listSafety(places, filter, (line) => io.warn(line));
}

/** Who signed each; a store that lists no signatures leaves that to `show` and `verify`. */
async function judgeAll(
  backups: readonly ListedBackup[],
  signatures: Signatures,
  now: Date,
): Promise<SignedOf> {
  const judged = new Map<ListedBackup, Signed>();
  for (const backup of backups) {
    if (typeof backup.signed !== 'object') continue;
    judged.set(backup, await signatures.judge(backup.signed, now));
  }
  return judged;
}

function filterOf({ release, namespace, allNamespaces }: ListOptions): Partial<BackupAddress> {
  return {
    ...(release === undefined ? {} : { release }),
    ...(namespace === undefined || allNamespaces ? {} : { namespace }),
  };
}

function describe({ release, namespace }: Partial<BackupAddress>): string {
  return `${release === undefined ? '' : `of ${release} `}${namespace === undefined ? '' : `in namespace ${namespace} `}`;
}
