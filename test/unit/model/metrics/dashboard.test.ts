import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayAt, numberAt, stringAt } from '../../../../src/model/json/json.ts';
import { dashboard } from '../../../../src/model/metrics/dashboard.ts';
import { seriesIn } from '../../../../src/model/metrics/promql.ts';
import { DEFAULT_THRESHOLDS } from '../../../../src/model/metrics/thresholds.ts';
import { metricName, TOOL_METRICS, type ToolMetric } from '../../../../src/model/metrics/tool-metrics.ts';
import { toPrettyJson } from '../../../../src/output/print.ts';
import { assertGolden } from '../../golden.ts';
import { IN_A_BUCKET, KNOWN_SERIES, ON_A_CLAIM } from './schedules.ts';

const DASHBOARD = dashboard([ON_A_CLAIM, IN_A_BUCKET], DEFAULT_THRESHOLDS);
type Place = [x: number, y: number, width: number, height: number];
const PANELS = arrayAt(DASHBOARD, 'panels');

test('a dashboard is as its golden file', () => {
  assertGolden('alerts/dashboard.json', toPrettyJson(DASHBOARD));
});

test('no panel reads a series that nobody has', () => {
  const ours = Object.keys(TOOL_METRICS).map((metric) => metricName(metric as ToolMetric));
  const exprs = PANELS.flatMap((panel) => arrayAt(panel, 'targets')).map(
    (target) => stringAt(target, 'expr')!,
  );
  assert.ok(exprs.length > 10);
  for (const name of exprs.flatMap(seriesIn)) assert.ok(KNOWN_SERIES.has(name) || ours.includes(name), name);
});

test('each panel has an id and a place of its own', () => {
  const ids = PANELS.map((panel) => numberAt(panel, 'id'));
  assert.equal(new Set(ids).size, PANELS.length);
  const cells = PANELS.flatMap((panel) => {
    const [x, y, w, h] = ['x', 'y', 'w', 'h'].map((side) => numberAt(panel, 'gridPos', side)) as Place;
    assert.ok(x + w <= 24, `${stringAt(panel, 'title')}`);
    return Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`);
  });
  assert.equal(new Set(cells).size, cells.length);
});
