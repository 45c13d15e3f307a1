import type { CommandSpec } from '../command-spec.ts';
import { SCHEDULE_FLAGS, wantedSchedule } from '../schedule-flags.ts';

const FORMATS = ['yaml', 'json', 'helm-values'] as const;

export const scheduleRenderCommand: CommandSpec = {
  name: 'schedule render',
  arguments: ['[RELEASE...]'],
  summary: 'Print the objects that schedule install applies, for GitOps',
  details:
    'Takes the flags of schedule install. Asks no cluster and changes nothing, so that a claim is always among the objects, and whether a Secret has its keys is not looked at.',
  flags: [
    ...SCHEDULE_FLAGS,
    {
      name: 'output',
      short: 'o',
      type: 'string',
      value: 'FORMAT',
      choices: FORMATS,
      describe: 'yaml, json, or helm-values, which puts them under extraDeploy (default: yaml)',
    },
  ],
  examples: [
    {
      purpose: 'Into a repository that Argo CD or Flux applies',
      words: 'schedule render -n cache --store s3://my-backups/memcached --s3-secret s3-keys > schedule.yaml',
    },
  ],
  seeAlso: ['schedule install', 'docs/schedule.md#gitops'],
  run: async ({ words, values }, context) => {
    const { scheduleRender } = await import('../../commands/schedule-render.ts');
    return scheduleRender(
      {
        ...(await wantedSchedule(values, words, process.env)),
        output: values.choice('output', FORMATS, 'yaml'),
      },
      context,
    );
  },
};
