import { cleanUp } from '../drill/clean-up.ts';
import { drill as holdDrill } from '../drill/drill.ts';
import type { DrillOptions } from '../drill/drill-session.ts';
import { releasesToDrill } from '../drill/releases-to-drill.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { ToolError, UsageError } from '../errors/tool-error.ts';
import { drillLines, drillMarkdown, spanText } from '../output/drill-text.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { print, printData } from '../output/print.ts';
import { printable } from '../output/printable.ts';
import { askFirst } from '../session/ask-first.ts';
import type { CommandContext } from '../session/context.ts';
import { reading } from '../session/under-way.ts';
import { assertNotThere, writeFileWhole } from '../store/whole-file.ts';
import { type Cleaned, cleanedData, type DrillRow, drillData, drillsView } from './drill-view.ts';

export interface DrillCommandOptions extends Omit<DrillOptions, 'selector'> {
  /** RELEASE[@ID], or the path of a backup's folder; none with `all` or `clean`. */
  selector?: string;
  /** --all: each release of the namespace that has backups. */
  all: boolean;
  /** --clean: only remove what drills left. */
  clean: boolean;
  /** --report: the file for the report as Markdown. */
  file?: string;
  /** Write over a file that is there. */
  force: boolean;
  output: OutputFormat;
}

/**
 * `drill RELEASE[@ID]`, `drill --all`, `drill --clean`.
 * @returns ok; differs where the target was missed; else what the drill failed with.
 */
export async function drill(options: DrillCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { file, force, selector, all, clean } = options;
  const given = [selector !== undefined, all, clean].filter(Boolean).length;
  if (given !== 1) {
    throw new UsageError(given === 0 ? 'which release?' : 'RELEASE, --all and --clean exclude each other', {
      next: 'name a release, or give --all for each of the namespace, or --clean to remove what drills left',
    });
  }
  if (clean) return runCleanUp(options, context);
  if (file !== undefined && !force) await assertNotThere(file);
  return selector === undefined ? drillAll(options, context) : drillOne({ ...options, selector }, context);
}

async function drillOne(
  options: DrillCommandOptions & { selector: string },
  context: CommandContext,
): Promise<ExitCode> {
  const { io } = context;
  const drilled = await holdDrill(options, context);
  const { report, earlier, error } = drilled;
  const data = drillData(drilled);
  const names = [`${report.release}@${report.backup}`];
  if (!(await printData(io, options.output, { kind: 'DrillReport', data, names }))) {
    io.outProse(`${drillLines(report, earlier, io.outStyle).join('\n')}\n`);
  }
  await writeReports([{ release: report.release, ...drilled }], options, context);
  if (error !== undefined) throw error;
  if (report.met !== false) return ExitCode.ok;
  io.say(
    `The target of ${spanText(report.targetSeconds ?? 0)} was missed: it took ${report.seconds.toFixed(1)} s.`,
  );
  return ExitCode.differs;
}

async function drillAll(options: DrillCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { io, signal } = context;
  const found = await reading(context, 'Looking for releases', 'nothing was made', () =>
    releasesToDrill(options, context),
  );
  if (!options.yes) {
    await askFirst(io, `Hold a drill of each of ${found.join(', ')}, one after the other?`, {
      refusal: 'no drill was held',
      untouched: 'nothing was made',
    });
  }
  const rows: DrillRow[] = [];
  for (const release of found) {
    if (signal.aborted) break;
    const since = rows.length === 0 ? options.since : performance.now();
    try {
      rows.push({
        release,
        ...(await holdDrill({ ...options, selector: release, yes: true, since }, context)),
      });
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      rows.push({ release, report: undefined, error });
    }
  }
  await print(io, drillsView(rows), { output: options.output, headers: true });
  await writeReports(rows, options, context);
  for (const { release, error } of rows)
    if (error !== undefined) io.say(`error: ${release}: ${messageOf(error)}`);
  return worstOf(rows, context);
}

/** What ended a drill weighs more than a target that was missed. */
function worstOf(rows: readonly DrillRow[], { signal }: CommandContext): ExitCode {
  if (signal.aborted) return ExitCode.interrupted;
  const codes = rows.flatMap(({ error }) => {
    if (error === undefined) return [];
    return [error instanceof ToolError ? error.exitCode : ExitCode.failed];
  });
  if (codes.some((code) => code !== ExitCode.incomplete)) return ExitCode.failed;
  if (codes.length > 0) return ExitCode.incomplete;
  return rows.some(({ report }) => report?.met === false) ? ExitCode.differs : ExitCode.ok;
}

/** One after the other, where there are several. */
async function writeReports(
  drills: readonly DrillRow[],
  { file, force }: DrillCommandOptions,
  { io }: CommandContext,
): Promise<void> {
  if (file === undefined) return;
  const text = drills
    .flatMap((row) => (row.report === undefined ? [] : [drillMarkdown(row.report, row.earlier ?? [])]))
    .join('\n');
  await writeFileWhole(file, Buffer.from(printable(io.masked(text))), { force });
  io.say(`Written ${file}.`);
}

async function runCleanUp(options: DrillCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { io } = context;
  const cleaned: Cleaned = await cleanUp(options, context);
  const { removed, underWay, unseen, objects, stays } = cleaned;
  const names = removed.map(({ namespace }) => `namespace/${namespace}`);
  if (
    !(await printData(io, options.output, {
      kind: 'DrillCleanUp',
      data: cleanedData(cleaned),
      names: [...names, ...objects],
    }))
  ) {
    for (const { namespace, of } of removed) io.out(`namespace/${namespace} deleted (a drill of ${of})`);
    for (const name of objects) io.out(`${name} deleted`);
  }
  for (const { namespace, of, holder } of underWay)
    io.say(`namespace/${namespace} stays: a drill of ${of} is under way (${holder}).`);
  for (const why of stays) io.warn(`it stays: ${why}`);
  if (unseen) io.warn('namespaces may not be listed: those that drills left were not looked for');
  if (removed.length + objects.length === 0 && !unseen) io.say('No drill left anything.');
  return unseen || stays.length > 0 ? ExitCode.incomplete : ExitCode.ok;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
