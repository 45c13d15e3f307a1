import type { CommandSpec } from '../command-spec.ts';
import {
  ALL_NAMESPACES,
  gitAccess,
  NO_HEADERS,
  OUTPUT,
  outputFormat,
  STORE_FLAGS,
  s3Access,
} from '../common-flags.ts';
import { SCHEDULE_NAME } from '../schedule-flags.ts';

export const scheduleStatusCommand: CommandSpec = {
  name: 'schedule status',
  arguments: [],
  summary: 'Show when schedules run, how their runs ended, and what they have saved',
  details:
    'A line a schedule: the next run and the last one, how many of the runs that are kept succeeded, age and size of the newest good backup, and whether the store holds what the runs say. Runs that were started by hand do not count: they tell nothing of whether the schedule fires. Reads only.',
  neverAsks: true,
  flags: [
    { ...SCHEDULE_NAME, describe: 'Only the schedule of this name (default: every one)' },
    ALL_NAMESPACES,
    ...STORE_FLAGS.map((flag) =>
      flag.name === 'store'
        ? {
            ...flag,
            describe: "Look into this store (default: each schedule's own, as it is reached from here)",
          }
        : flag,
    ),
    OUTPUT,
    NO_HEADERS,
  ],
  examples: [
    { purpose: 'Every schedule of the cluster', words: 'schedule status -A' },
    { purpose: 'For a script', words: 'schedule status -n cache -o json' },
  ],
  exitCodes: {
    0: 'whatever it shows',
    1: 'there is no schedule',
  },
  seeAlso: ['schedule run', 'doctor', 'alerts', 'docs/schedule.md#how-it-does'],
  run: async ({ values }, context) => {
    const { scheduleStatus } = await import('../../commands/schedule-status.ts');
    const name = values.text('name');
    return scheduleStatus(
      {
        allNamespaces: values.isSet('all-namespaces'),
        isNamed: values.text('store') !== undefined,
        s3: s3Access(values),
        git: gitAccess(values, false),
        output: outputFormat(values),
        headers: !values.isSet('no-headers'),
        ...(name === undefined ? {} : { name }),
      },
      context,
    );
  },
};
