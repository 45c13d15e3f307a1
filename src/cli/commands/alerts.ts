import { UsageError } from '../../errors/tool-error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { ALL_NAMESPACES } from '../common-flags.ts';
import { parseLongDuration } from '../duration.ts';
import type { FlagValues } from '../flag-values.ts';
import { SCHEDULE_NAME } from '../schedule-flags.ts';

const FORMATS = ['prometheusrule', 'rules', 'grafana'] as const;
/** Of a key and a value (Kubernetes, "Labels and Selectors", syntax), as far as a slip of the pen is told. */
const LABEL = /^(?:[\w.-]+\/)?[\w.-]+=[\w.-]*$/;
const PERCENT = /^(100|\d{1,2})(?:\.\d+)?%$/;

export const alertsCommand: CommandSpec = {
  name: 'alerts',
  arguments: [],
  summary: 'Print alerting rules for Prometheus, or a dashboard for Grafana, for schedules',
  details:
    'Prints a PrometheusRule for each schedule of the namespace, as the cluster has them: a run that failed, was missed or is slow, no good backup for too long, runs that fail too often, a store that fills up, a schedule that is suspended or gone, a drill that failed or is overdue. Needs kube-state-metrics as it comes, and nothing of this tool; only how full a store is takes the kubelet, or --push-gateway on the run. Without a cluster, the rules are for the schedule of --name. Reads only.',
  flags: [
    SCHEDULE_NAME,
    ALL_NAMESPACES,
    {
      name: 'max-age',
      type: 'string',
      value: 'SPAN',
      neverEmpty: true,
      describe: 'Page where there is no good backup for so long (default: 26h)',
    },
    {
      name: 'max-duration',
      type: 'string',
      value: 'DURATION',
      neverEmpty: true,
      describe: 'Warn of a run that takes longer (default: 2m)',
    },
    {
      name: 'success-rate',
      type: 'string',
      value: 'SHARE',
      neverEmpty: true,
      takes: { isValid: (value) => PERCENT.test(value), expected: 'a share such as 95%' },
      describe: 'Warn where fewer of the runs of 7 days succeeded (default: 95%)',
    },
    {
      name: 'max-drill-age',
      type: 'string',
      value: 'SPAN',
      neverEmpty: true,
      describe: 'Warn where no drill passed for so long (default: 2376h, 99 days)',
    },
    {
      name: 'label',
      type: 'list',
      value: 'KEY=VALUE',
      neverEmpty: true,
      takes: { isValid: (value) => LABEL.test(value), expected: 'KEY=VALUE' },
      describe:
        'Label of the PrometheusRule by which a Prometheus selects it, such as release=kube-prometheus-stack (repeatable)',
    },
    {
      name: 'output',
      short: 'o',
      type: 'string',
      value: 'FORMAT',
      choices: FORMATS,
      describe:
        'prometheusrule, for the Prometheus Operator; rules, a file for rule_files; grafana, a dashboard (default: prometheusrule)',
    },
  ],
  examples: [
    {
      purpose: 'Under the Prometheus Operator of kube-prometheus-stack',
      words: 'alerts -n cache --label release=kube-prometheus-stack | kubectl apply -f -',
    },
    { purpose: 'For a Prometheus without an operator', words: 'alerts -A -o rules > memcached-backup.yaml' },
    { purpose: 'A dashboard, for Grafana to import', words: 'alerts -A -o grafana > memcached-backup.json' },
  ],
  seeAlso: ['schedule status', 'status', 'docs/monitoring.md'],
  run: async ({ values, namespace }, context) => {
    const { alerts } = await import('../../commands/alerts.ts');
    const name = values.text('name');
    return alerts(
      {
        allNamespaces: values.isSet('all-namespaces'),
        output: values.choice('output', FORMATS, 'prometheusrule'),
        thresholds: {
          maxAge: seconds(values, 'max-age', '26h'),
          maxDuration: seconds(values, 'max-duration', '2m'),
          maxDrillAge: seconds(values, 'max-drill-age', '2376h'),
          successRate: Number.parseFloat(values.text('success-rate') ?? '95%') / 100,
        },
        labels: Object.fromEntries(values.list('label').map((pair) => pair.split('=', 2))),
        ...(name === undefined ? {} : { name }),
        ...(namespace === undefined ? {} : { namespace }),
      },
      context,
    );
  },
};

/** @throws UsageError for none at all: the alert would fire for ever. */
function seconds(values: FlagValues, flag: string, otherwise: string): number {
  const milliseconds = parseLongDuration(values.text(flag) ?? otherwise, flag);
  if (milliseconds < 1000) throw new UsageError(`--${flag} is less than a second`);
  return Math.round(milliseconds / 1000);
}
