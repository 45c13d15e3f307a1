import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../../../src/cli/commands.ts';
import { parseCommandLine } from '../../../../src/cli/parse-command-line.ts';
import { toYaml } from '../../../../src/model/json/yaml.ts';
import { alertRules } from '../../../../src/model/metrics/alert-rules.ts';
import { seriesIn } from '../../../../src/model/metrics/promql.ts';
import { prometheusRules, rulesFile } from '../../../../src/model/metrics/rules-file.ts';
import { DEFAULT_THRESHOLDS } from '../../../../src/model/metrics/thresholds.ts';
import { metricName, TOOL_METRICS, type ToolMetric } from '../../../../src/model/metrics/tool-metrics.ts';
import { assertGolden } from '../../golden.ts';
import { IN_A_BUCKET, KNOWN_SERIES, ON_A_CLAIM } from './schedules.ts';

const GROUPS = [ON_A_CLAIM, IN_A_BUCKET].map((schedule) => alertRules(schedule, DEFAULT_THRESHOLDS));
const RULES = GROUPS.flatMap(({ rules }) => rules);
const OURS = Object.keys(TOOL_METRICS).map((metric) => metricName(metric as ToolMetric));

test('as a PrometheusRule for each namespace, with the labels by which it is selected', () => {
  const text = prometheusRules(GROUPS, { release: 'kube-prometheus-stack' }).map(toYaml).join('---\n');
  assertGolden('alerts/prometheusrule.yaml', text);
});

test('as a file for a Prometheus without an operator', () => {
  assertGolden('alerts/rules.yaml', toYaml(rulesFile(GROUPS)));
});

test('no rule reads a series that nobody has', () => {
  for (const { alert, expr } of RULES) {
    const series = seriesIn(expr);
    assert.ok(series.length > 0, alert);
    for (const name of series) assert.ok(KNOWN_SERIES.has(name) || OURS.includes(name), `${alert}: ${name}`);
  }
});

test('a name of a series that is none would be seen', () => {
  assert.deepEqual(seriesIn('max by (namespace) (kube_job_faild{job_name="kube_job_failed"} == 1)'), [
    'kube_job_faild',
  ]);
});

test('each alert says what to type, with its own names', () => {
  for (const { alert, annotations, labels } of RULES) {
    assert.match(
      annotations.runbook,
      new RegExp(`kubectl memcached-backup .* -n ${labels.namespace}`),
      alert,
    );
    assert.match(annotations.summary, /\S/);
    assert.match(annotations.description, /\S/);
  }
  const nightly = RULES.filter(({ labels }) => labels.cronjob === 'nightly.all');
  const words = nightly.map(({ annotations }) => annotations.runbook).join('\n');
  assert.match(words, /schedule run -n ops --name nightly\.all|schedule run --name nightly\.all -n ops/);
});

test('each command to type is one of this tool, with flags that it has', () => {
  const commands = RULES.flatMap(({ annotations }) =>
    [...annotations.runbook.matchAll(/kubectl memcached-backup ([^;,]+)/g)].map(([, words = '']) => words),
  );
  assert.ok(commands.length > 20);
  for (const words of commands)
    assert.doesNotThrow(() => parseCommandLine(words.split(' '), COMMANDS, []), words);
});

test('what leaves nobody with a good backup pages, and a failure warns', () => {
  const severities = Object.fromEntries(
    GROUPS[0]!.rules.map(({ alert, labels }) => [alert, labels.severity]),
  );
  assert.deepEqual(severities, {
    MemcachedBackupTooOld: 'critical',
    MemcachedBackupNever: 'critical',
    MemcachedBackupFailed: 'warning',
    MemcachedBackupSlow: 'warning',
    MemcachedBackupSuccessRate: 'warning',
    MemcachedBackupMissed: 'warning',
    MemcachedBackupSuspended: 'warning',
    MemcachedBackupScheduleGone: 'critical',
    MemcachedBackupStoreFilling: 'warning',
    MemcachedDrillTooOld: 'warning',
    MemcachedDrillFailed: 'warning',
    MemcachedDrillLate: 'warning',
  });
});

test('thresholds are those that were asked for', () => {
  const { rules } = alertRules(ON_A_CLAIM, {
    maxAge: 3600,
    maxDuration: 30,
    successRate: 1,
    maxDrillAge: 77,
  });
  const exprs = new Map(rules.map(({ alert, expr }) => [alert, expr]));
  assert.match(exprs.get('MemcachedBackupTooOld')!, / > 3600$/);
  assert.match(exprs.get('MemcachedBackupNever')!, / > 3600$/);
  assert.equal(exprs.get('MemcachedBackupSlow')!.match(/ > 30\b/g)?.length, 2);
  assert.match(exprs.get('MemcachedBackupSuccessRate')!, / < 1$/);
  assert.equal(exprs.get('MemcachedDrillTooOld')!.match(/ > 77\b/g)?.length, 3);
});

test('docs/monitoring.md tells of every alert and every metric', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/monitoring.md'), 'utf8');
  for (const { alert } of RULES) assert.ok(page.includes(`\`${alert}\``), alert);
  for (const name of OURS) assert.ok(page.includes(`\`${name}\``), name);
});
