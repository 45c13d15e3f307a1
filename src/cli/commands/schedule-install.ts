import type { CommandSpec } from '../command-spec.ts';
import { isDryRun, OUTPUT, outputFormat, STORE_DRY_RUN, YES } from '../common-flags.ts';
import { IDENTITY } from '../key-flags.ts';
import { SCHEDULE_FLAGS, wantedSchedule } from '../schedule-flags.ts';

export const scheduleInstallCommand: CommandSpec = {
  name: 'schedule install',
  arguments: ['[RELEASE...]'],
  summary: 'Install a schedule, or change one, and prove it by a first run',
  details:
    'Without a name, every memcached release of the namespace at each run. Shows every object and permission, asks, applies them, starts a run, and ends once its backup was found in the store and verified. The same command with other flags changes what differs. No credential is made or shown: Secrets are named.',
  flags: [
    ...SCHEDULE_FLAGS,
    {
      name: 'replace',
      type: 'string',
      value: 'CRONJOB',
      neverEmpty: true,
      describe:
        'A CronJob that backs up by a script: it is explained, and suspended once this schedule works',
    },
    { name: 'no-first-run', type: 'boolean', describe: 'Start no run' },
    IDENTITY,
    YES,
    { ...STORE_DRY_RUN, describe: 'Show the plan, and change nothing' },
    OUTPUT,
  ],
  examples: [
    {
      purpose: 'Every night at two, to a claim that is made if missing; keep 30 days',
      words:
        'schedule install -n cache --store pvc://memcached-backups --cron "0 2 * * *" --time-zone Europe/Berlin --keep-within 30d',
    },
    {
      purpose: 'All namespaces, sealed, to S3',
      words:
        'schedule install -A -n ops --store s3://my-backups/memcached --s3-secret s3-keys --encrypt-to age1…',
    },
    {
      purpose: "In the place of a script's CronJob",
      words:
        'schedule install my-memcached -n cache --store pvc://memcached-backup-pvc --replace memcached-backup',
    },
  ],
  exitCodes: {
    0: 'installed, or nothing to do',
    1: 'failed, or the first run did: then the schedule stays',
    5: 'installed, and the first run was incomplete, or its backup could not be found from here',
  },
  seeAlso: ['schedule status', 'schedule uninstall', 'permissions', 'docs/schedule.md'],
  run: async ({ words, values }, context) => {
    const { scheduleInstall } = await import('../../commands/schedule-install.ts');
    const replace = values.text('replace');
    return scheduleInstall(
      {
        ...(await wantedSchedule(values, words, process.env)),
        ...(replace === undefined ? {} : { replace }),
        firstRun: !values.isSet('no-first-run'),
        yes: values.isSet('yes'),
        dryRun: isDryRun(values),
        output: outputFormat(values),
      },
      context,
    );
  },
};
