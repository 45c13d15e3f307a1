import { ExitCode } from '../errors/exit-code.ts';
import { print } from '../output/print.ts';
import { cutForTerminal } from '../output/wrap.ts';
import { readScheduleStatus, type WantedScheduleStatus } from '../schedule/schedule-status.ts';
import type { CommandContext, OutputFormat } from '../session/context.ts';
import { reading } from '../session/under-way.ts';
import { scheduleColumns, scheduleData, scheduleRemarks } from './schedule-status-view.ts';

export interface ScheduleStatusOptions extends WantedScheduleStatus {
  output: OutputFormat;
  /** --no-headers. */
  headers: boolean;
}

const UNTOUCHED = 'nothing in the cluster was changed';

/**
 * `schedule status`: a line a schedule, and on standard error what is to be said of it beyond that. Reads only.
 * @returns ok, whatever the state of the schedules, as `status` does.
 * @throws ToolError where there is no schedule.
 */
export async function scheduleStatus(
  options: ScheduleStatusOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { io } = context;
  const looking = () => readScheduleStatus(options, context);
  const statuses = await reading(context, 'Looking', UNTOUCHED, looking);
  const now = context.now();
  await print(
    io,
    {
      kind: 'ScheduleStatusList',
      data: { items: statuses.map(scheduleData) },
      rows: statuses,
      columns: scheduleColumns(now, options.allNamespaces),
      name: ({ name }) => `cronjob.batch/${name}`,
    },
    options,
  );
  if (options.output !== 'table' && options.output !== 'wide') return ExitCode.ok;
  for (const status of statuses) {
    for (const { text, isWarning } of scheduleRemarks(status, now)) {
      const shown = options.output === 'wide' ? text : cutForTerminal(text, io.columns);
      if (isWarning) io.warn(shown);
      else io.say(shown);
    }
  }
  return ExitCode.ok;
}
