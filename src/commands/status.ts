import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { orUndefined } from '../errors/or-undefined.ts';
import { BrokenOffError, ToolError, UsageError } from '../errors/tool-error.ts';
import { checklistOfAll } from '../model/checklist/checklist.ts';
import { textFormat } from '../model/metrics/text-format.ts';
import { envelope } from '../output/envelope.ts';
import { print, toPrettyJson } from '../output/print.ts';
import { formatTable } from '../output/table.ts';
import type { CommandContext, OutputFormat } from '../session/context.ts';
import { reading } from '../session/under-way.ts';
import { readAllStatus, type WantedStatus } from '../status/read-all-status.ts';
import type { ReleaseStatus } from '../status/release-status.ts';
import { checklistText } from './checklist-view.ts';
import { statusMetrics } from './status-metrics.ts';
import { statusColumns, statusData } from './status-view.ts';

export interface StatusOptions extends WantedStatus {
  output: OutputFormat | 'prometheus';
  /** --no-headers. */
  headers: boolean;
  /** Look again and again until interrupted. */
  watch: boolean;
}

const UNTOUCHED = 'nothing in the cluster was changed';
/** Between two looks of --watch, milliseconds, as watch(1) has it. */
const WATCH_EVERY_MS = 2000;

/**
 * `status [RELEASE…]`: a line a release. Reads only.
 * @returns ok, whatever the state of the releases that were found; incomplete where records of Helm's could not be read; interrupted
 * where --watch was ended.
 */
export async function status(options: StatusOptions, context: CommandContext): Promise<ExitCode> {
  if (options.watch && options.checklist !== undefined) {
    throw new UsageError('--watch follows what changes by the second: --checklist is looked at once');
  }
  if (options.output === 'prometheus' && options.checklist !== undefined) {
    throw new UsageError('-o prometheus prints metrics, which the boxes of --checklist are not');
  }
  if (options.watch) return watch({ ...options, total: isShown(options) }, context);
  const looking = () => readAllStatus({ ...options, total: isShown(options) }, context);
  const { rows, isWhole, failures } = await reading(context, 'Looking', UNTOUCHED, looking);
  const { output } = options;
  if (output === 'prometheus') {
    throwLast(failures, context);
    const metrics = statusMetrics(rows, (await orUndefined(context.store))?.location);
    context.io.outText(textFormat(metrics));
    return isWhole ? ExitCode.ok : ExitCode.incomplete;
  }
  await print(
    context.io,
    {
      kind: 'ReleaseStatusList',
      data: { items: rows.map(statusData) },
      rows,
      columns: statusColumns(context.now(), options.allNamespaces),
      name: ({ namespace, release }) => (options.allNamespaces ? `${namespace}/${release}` : release),
    },
    { output, headers: options.headers },
  );
  if (options.checklist !== undefined) showChecklist(rows, options, context);
  throwLast(failures, context);
  return isWhole ? ExitCode.ok : ExitCode.incomplete;
}

/** What was found has been shown; of what was not, each is said, as kubectl does. @throws ToolError */
function throwLast(failures: readonly ToolError[], { io }: CommandContext): void {
  const last = failures.at(-1);
  if (last === undefined) return;
  for (const { message } of failures.slice(0, -1)) io.say(`error: ${message}`);
  throw last;
}

/** Below the table, of all releases together; data has that of each. */
function showChecklist(
  rows: readonly ReleaseStatus[],
  { output, allNamespaces }: StatusOptions,
  { io }: CommandContext,
): void {
  if (rows.length === 0 || (output !== 'table' && output !== 'wide')) return;
  const each = rows
    .filter(({ state }) => state !== 'gone')
    .map(({ namespace, release, checklist = [] }) => ({
      release: allNamespaces ? `${namespace}/${release}` : release,
      boxes: checklist,
    }));
  io.outProse(`\n${checklistText(checklistOfAll(each))}`);
}

/** Whether what the store holds is part of the output. */
function isShown({ output }: StatusOptions): boolean {
  return output !== 'table' && output !== 'name';
}

/**
 * Looks until Ctrl-C. A screen is drawn anew; elsewhere there is a line for each release that changed, as
 * `kubectl get --watch` prints. A look that fails is said, and the next one is tried.
 */
async function watch(options: StatusOptions, context: CommandContext): Promise<ExitCode> {
  if (options.output !== 'json' && options.output !== 'table' && options.output !== 'wide') {
    throw new UsageError(`--watch prints a table or json, not ${options.output}`);
  }
  const shown = new Map<string, string>();
  for (let isFirst = true; ; isFirst = false) {
    try {
      const { rows, failures } = await interruptible(
        readAllStatus(options, context),
        context.signal,
        UNTOUCHED,
      );
      if (rows.length === 0) throwLast(failures, context);
      show(rows, shown, options, context);
      await sleep(WATCH_EVERY_MS, undefined, { signal: context.signal });
    } catch (error) {
      if (context.signal.aborted || error instanceof BrokenOffError) return ExitCode.interrupted;
      if (isFirst || !(error instanceof ToolError)) throw error;
      context.io.warn(error.message);
      await sleep(WATCH_EVERY_MS, undefined, { signal: context.signal }).catch(() => {});
    }
  }
}

function show(
  rows: ReleaseStatus[],
  shown: Map<string, string>,
  { output, headers, allNamespaces }: StatusOptions,
  { io, now }: CommandContext,
): void {
  const table = (some: ReleaseStatus[], withHeaders: boolean): string =>
    formatTable(some, statusColumns(now(), allNamespaces), {
      wide: output === 'wide',
      headers: withHeaders,
      columns: io.outColumns,
    });
  if (io.redraws && output !== 'json') {
    io.redraw(table(rows, headers));
    return;
  }
  const isFirst = shown.size === 0;
  const changed = rows.filter((row) => {
    const { hits: _, store: __, ...steady } = row;
    const key = `${row.namespace}/${row.release}`;
    const text = JSON.stringify(steady);
    const isNew = shown.get(key) !== text;
    shown.set(key, text);
    return isNew;
  });
  if (output === 'json')
    for (const row of changed) {
      io.outText(toPrettyJson(envelope('ReleaseStatus', statusData(row))));
    }
  else io.outText(table(changed, headers && isFirst));
}
