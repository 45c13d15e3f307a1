import type { JsonObject } from '../json/json.ts';

/** One panel: what it shows, and of what. */
export interface Panel {
  title: string;
  /** What a reader may not know of the numbers. */
  description: string;
  shows: 'now' | 'over time';
  /** Grafana's name of the unit. */
  unit: 's' | 'percentunit' | 'bytes' | 'short' | 'bool';
  queries: { expr: string /** With {{label}} for a label's value. */; legend: string }[];
  /** Where it turns from good to bad. */
  turns?: { at: number; bad: 'above' | 'below' };
  /** Of 24 columns. */
  width: number;
}

const ROW_HEIGHT = { now: 4, 'over time': 8 };
const [GOOD, BAD] = ['green', 'red'];

/** @param place in its row, of as wide panels; `at`: the row. */
export function panelData(
  panel: Panel,
  { at, place }: { at: number; place: number },
  datasource: JsonObject,
): JsonObject {
  const { title, description, shows, unit, queries, turns, width } = panel;
  const colours = turns?.bad === 'below' ? [BAD, GOOD] : [GOOD, BAD];
  const steps = [
    { color: colours[0]!, value: null },
    ...(turns === undefined ? [] : [{ color: colours[1]!, value: turns.at }]),
  ];
  return {
    id: at * 10 + place + 1,
    type: shows === 'now' ? 'stat' : 'timeseries',
    title,
    description,
    datasource,
    // Grafana moves panels up as far as there is room: only their order counts.
    gridPos: { x: place * width, y: at * ROW_HEIGHT['over time'], w: width, h: ROW_HEIGHT[shows] },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      legendFormat: legend,
      ...(shows === 'now' ? { instant: true, range: false } : { instant: false, range: true }),
    })),
    fieldConfig: {
      defaults: {
        unit,
        ...(unit === 'percentunit' ? { min: 0, max: 1 } : {}),
        thresholds: { mode: 'absolute', steps },
        ...(shows === 'over time' && turns !== undefined
          ? { custom: { thresholdsStyle: { mode: 'line' } } }
          : {}),
      },
      overrides: [],
    },
    options:
      shows === 'now'
        ? { colorMode: 'background', reduceOptions: { calcs: ['lastNotNull'] } }
        : { legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] } },
  };
}
