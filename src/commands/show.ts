import { kubectl } from '../advice/command.ts';
import { shellWord } from '../advice/shell-word.ts';
import { spellCommand } from '../advice/spell.ts';
import { type BackupToShow, type ShownBackup, showBackup } from '../backup/show/show-backup.ts';
import type { ShownManifest } from '../backup/show/shown-manifests.ts';
import { ExitCode } from '../errors/exit-code.ts';
import type { Json } from '../model/json/json.ts';
import { whyUnhealthy } from '../model/records/backup-health.ts';
import { qualifiedName } from '../model/records/backup-selector.ts';
import { summaryOf } from '../model/records/backup-summary.ts';
import { envelope } from '../output/envelope.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { toPrettyJson } from '../output/print.ts';
import type { CommandContext } from '../session/context.ts';
import { reading } from '../session/under-way.ts';
import { verifiedData } from './list-view.ts';
import { showText } from './show-view.ts';

export interface ShowOptions extends BackupToShow {
  output: OutputFormat;
}

/**
 * `show [RELEASE[@ID]]`: one backup, for reading. Secrets are masked in every format. The cluster is asked
 * only which of several namespaces or clusters is the one in use.
 */
export async function show(options: ShowOptions, context: CommandContext): Promise<ExitCode> {
  const { io } = context;
  const { shown, manifests } = await reading(context, 'Reading the backup', 'nothing was changed', () =>
    showBackup(options, context),
  );
  const { output } = options;
  if (output === 'name') io.out(qualifiedName(shown.address));
  else if (output === 'yaml') printManifests(shown, await manifests(), context);
  else if (output === 'json')
    io.outText(toPrettyJson(envelope('Backup', showData(shown, await manifests()))));
  else io.outProse(showText(shown, context.now(), { wide: output === 'wide', columns: io.outColumns }));
  return ExitCode.ok;
}

/** `-o json`; docs/output.md documents it. */
function showData(shown: ShownBackup, manifests: ShownManifest[]): object {
  const { location, document, verification, signed, pods, values, notes, hooks } = shown;
  const unhealthy = whyUnhealthy(summaryOf(document));
  return {
    location,
    backup: document,
    healthy: unhealthy.length === 0,
    ...(unhealthy.length === 0 ? {} : { unhealthy }),
    verified: verification === undefined ? null : verifiedData(verification),
    signed,
    settings: { pods },
    ...(values === undefined ? {} : { values }),
    ...(notes === undefined ? {} : { notes }),
    hooks,
    manifests: manifests.map(({ object }): Json => object),
  };
}

/** A stream of documents, as `helm get manifest` prints one: where each comes from is a comment. */
function printManifests(
  shown: ShownBackup,
  manifests: ShownManifest[],
  { io, spelling }: CommandContext,
): void {
  for (const { path, text, isMasked } of manifests) {
    const note = isMasked ? ' (secrets are masked; that file holds them)' : '';
    io.out('---');
    io.out(`# Source: ${path}${note}`);
    io.outText(text);
  }
  const count = manifests.filter(({ isMasked }) => isMasked).length;
  if (count > 0) {
    const toApply =
      shown.document.sealed === undefined
        ? `to apply them: ${spellCommand(kubectl('apply', '-n', shown.address.namespace, '-f', `${shown.location}/manifests`), spelling)}`
        : `to apply them, open the backup as its RUNBOOK.md says: ${shellWord(shown.location)}`;
    io.warn(
      `secrets are masked in ${count} of ${manifests.length} manifests, so this is for reading; ${toApply}`,
    );
  }
}
