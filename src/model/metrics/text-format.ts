/** A metric with what it was measured to be, of as many things as there are. */
export interface MetricFamily {
  name: string;
  help: string;
  samples: Sample[];
}

export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Longer than any name in Kubernetes (253); of what comes from elsewhere no more is shown. */
const LONGEST_LABEL = 256;

/**
 * Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats): all gauges, without timestamps,
 * which neither a textfile collector nor a Pushgateway takes. Metrics of nothing are left out.
 */
export function textFormat(families: readonly MetricFamily[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) =>
      [
        `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
        `# TYPE ${name} gauge`,
        ...samples.map((sample) => `${name}${labelText(sample.labels)} ${sample.value}`),
      ]
        .map((line) => `${line}\n`)
        .join(''),
    )
    .join('');
}

function labelText(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${labelValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function labelValue(value: string): string {
  const bounded = [...value].slice(0, LONGEST_LABEL).join('');
  return bounded.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
