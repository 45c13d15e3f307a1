/** A string of PromQL (prometheus.io/docs/prometheus/latest/querying/basics, string literals). */
export function promqlString(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** The matcher of a label that has one of these values: `="a"`, `=~"a|b"`. Names of Kubernetes hold one special character. */
export function oneOf(values: readonly string[]): string {
  const distinct = [...new Set(values)].sort();
  const [only, ...others] = distinct;
  if (only !== undefined && others.length === 0) return `=${promqlString(only)}`;
  return `=~${promqlString(distinct.map((value) => value.replaceAll('.', '[.]')).join('|'))}`;
}

/** The names of series that an expression reads. */
export function seriesIn(expression: string): string[] {
  const outsideStrings = expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  return [...new Set(outsideStrings.match(/\b(?:kube|kubelet|memcached_backup)_[a-z_]+/g) ?? [])];
}
