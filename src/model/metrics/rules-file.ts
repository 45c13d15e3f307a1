import type { JsonObject } from '../json/json.ts';
import type { RuleGroup } from './alert-rules.ts';

/** Marks of what `alerts` makes; not those of a schedule, which an uninstall removes. */
const LABELS = {
  'app.kubernetes.io/name': 'memcached-backup',
  'app.kubernetes.io/component': 'alerts',
  'app.kubernetes.io/managed-by': 'memcached-backup',
} as const;

/** A file for `rule_files` of prometheus.yml. */
export function rulesFile(groups: readonly RuleGroup[]): JsonObject {
  return { groups: groups.map(groupData) };
}

/**
 * One PrometheusRule a namespace (prometheus-operator.dev/docs/api-reference/api, monitoring.coreos.com/v1): an operator may hold
 * each to its own namespace.
 * @param labels by which a Prometheus selects its rules, beside our own.
 */
export function prometheusRules(
  groups: readonly RuleGroup[],
  labels: Readonly<Record<string, string>>,
): JsonObject[] {
  const byNamespace = Map.groupBy(groups, ({ rules }) => rules[0]?.labels.namespace ?? '');
  return [...byNamespace].map(([namespace, own]) => ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'memcached-backup', namespace, labels: { ...LABELS, ...labels } },
    spec: { groups: own.map(groupData) },
  }));
}

function groupData({ name, rules }: RuleGroup): JsonObject {
  return {
    name,
    rules: rules.map(({ labels, annotations, ...rule }) => ({
      ...rule,
      labels: { ...labels },
      annotations: { ...annotations },
    })),
  };
}
