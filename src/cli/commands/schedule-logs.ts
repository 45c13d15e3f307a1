import type { CommandSpec } from '../command-spec.ts';
import { ONE_SCHEDULE } from '../schedule-flags.ts';

export const scheduleLogsCommand: CommandSpec = {
  name: 'schedule logs',
  arguments: [],
  summary: 'Show the log of the newest run, or of another one',
  details:
    'Of a run that took several tries, the log of the newest pod; the others are named. What looks like a secret is masked. Reads only.',
  flags: [
    ONE_SCHEDULE,
    {
      name: 'job',
      type: 'string',
      value: 'JOB',
      neverEmpty: true,
      describe: 'The run to show, by the name of its Job (default: the newest)',
    },
    {
      name: 'follow',
      short: 'f',
      type: 'boolean',
      describe: 'Go on until the run has ended',
    },
  ],
  examples: [
    { purpose: 'What did last night’s run say?', words: 'schedule logs -n cache' },
    { purpose: 'Take up a run that goes on', words: 'schedule logs -n cache --follow' },
  ],
  seeAlso: ['schedule run', 'schedule status', 'docs/schedule.md#a-run-now'],
  run: async ({ values }, context) => {
    const { scheduleLogs } = await import('../../commands/schedule-logs.ts');
    const [name, job] = [values.text('name'), values.text('job')];
    return scheduleLogs(
      {
        follow: values.isSet('follow'),
        ...(name === undefined ? {} : { name }),
        ...(job === undefined ? {} : { job }),
      },
      context,
    );
  },
};
