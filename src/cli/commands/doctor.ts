import { AREAS, SEVERITIES } from '../../model/findings/finding.ts';
import type { CommandSpec } from '../command-spec.ts';
import { ALL_NAMESPACES, CLUSTER_NAME, OUTPUT, outputFormat, STORE_FLAGS, YES } from '../common-flags.ts';
import { parseDuration } from '../duration.ts';
import { IDENTITY } from '../key-flags.ts';

export const doctorCommand: CommandSpec = {
  name: 'doctor',
  arguments: ['[RELEASE...]'],
  asksCluster: (values) => !values.has('explain'),
  summary: 'Find out why a backup, a restore or a restart did not work',
  details:
    "Without a name, every memcached release of the namespace. Reads only, unless --fix is given, and goes on where something can't be read. Each finding has a code that --explain explains.",
  neverAsks: true,
  flags: [
    ...STORE_FLAGS,
    ALL_NAMESPACES,
    CLUSTER_NAME,
    IDENTITY,
    {
      name: 'only',
      type: 'list',
      value: 'AREA',
      choices: AREAS,
      commas: true,
      describe: 'Look at these areas only: access, schedule, storage, restore, rollout, cache (repeatable)',
    },
    {
      name: 'min-severity',
      type: 'string',
      value: 'LEVEL',
      choices: SEVERITIES,
      describe: 'Show nothing less severe: fail, warn, unknown, note (all notes, none folded) or ok',
    },
    {
      name: 'ignore',
      type: 'list',
      value: 'CODE',
      commas: true,
      describe: 'Leave these findings out, of the exit code too (repeatable)',
    },
    {
      name: 'interval',
      type: 'string',
      value: 'DURATION',
      describe: "Between two looks at a pod's counters, such as 10s (default: 300ms)",
    },
    {
      name: 'fix',
      type: 'boolean',
      describe: 'Mend what is safe to mend: shows each change, tries it, asks, and looks again',
    },
    { ...YES, describe: 'With --fix: do not ask; needed where there is no terminal' },
    {
      name: 'timeout',
      type: 'string',
      value: 'DURATION',
      describe: 'With --fix: time for a finding to go away, such as 2m (the default)',
    },
    {
      name: 'report',
      type: 'string',
      value: 'FILE.tgz',
      describe: 'Write findings, objects, events and logs to this file, secrets masked',
    },
    {
      name: 'explain',
      type: 'string',
      value: 'CODE',
      describe: 'Explain the code of a finding, and do nothing else',
    },
    OUTPUT,
  ],
  examples: [
    { purpose: 'What is wrong in the namespace cache', words: 'doctor -n cache' },
    { purpose: 'Why the pods do not run with the new settings', words: 'doctor my-memcached --only rollout' },
    { purpose: 'Mend what can be mended, asking first', words: 'doctor -n cache --fix' },
    { purpose: 'The failures alone', words: 'doctor -A --min-severity fail' },
    { purpose: 'All of it for somebody else to read', words: 'doctor -n cache --report doctor.tgz' },
    { purpose: 'What a code means', words: 'doctor --explain MB201' },
  ],
  exitCodes: {
    0: 'nothing fails',
    3: 'something does, or --fix could not mend it',
    4: 'the API server gave no answer',
    5: '--fix did something, and whether it helped is not known',
  },
  seeAlso: ['status', 'restore', 'docs/findings.md', 'docs/incident.md'],
  run: async ({ words, values }, context) => {
    const code = values.text('explain');
    if (code !== undefined) {
      const { explain } = await import('../../commands/explain.ts');
      return explain(code, context);
    }
    const report = values.text('report');
    const minSeverity = SEVERITIES.find((severity) => severity === values.text('min-severity'));
    const { doctor } = await import('../../commands/doctor.ts');
    const clusterName = values.text('cluster-name');
    return doctor(
      {
        releases: words,
        allNamespaces: values.isSet('all-namespaces'),
        areas: AREAS.filter((area) => values.list('only').includes(area)),
        ignore: values.list('ignore').map((each) => each.toUpperCase()),
        minSeverity,
        intervalMs: parseDuration(values.text('interval') ?? '300ms', 'interval'),
        fix: values.isSet('fix'),
        yes: values.isSet('yes'),
        timeoutMs: parseDuration(values.text('timeout') ?? '2m', 'timeout'),
        ...(report === undefined ? {} : { report }),
        output: outputFormat(values),
        ...(clusterName === undefined ? {} : { clusterName }),
      },
      context,
    );
  },
};
