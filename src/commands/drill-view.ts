import type { Drilled } from '../drill/drill.ts';
import type { CleanedUp } from '../drill/stage.ts';
import { drillVerdict } from '../model/records/drill-verdict.ts';
import { spanText } from '../output/drill-text.ts';
import type { View } from '../output/print.ts';
import type { Column } from '../output/table.ts';

/** A drill in `-o json` and `-o yaml`; docs/output.md documents it. */
export function drillData({ report, earlier }: Pick<Drilled, 'report' | 'earlier'>): object {
  const { formatVersion: _ofTheFile, ...rest } = report;
  return {
    ...rest,
    verdict: drillVerdict(report),
    earlier: earlier.map((each) => ({
      id: each.id,
      at: each.at,
      backup: each.backup,
      verdict: drillVerdict(each),
      seconds: each.seconds,
    })),
  };
}

/** A row of `drill --all`: a drill, or a release of which none could be held. */
export type DrillRow = { release: string } & (
  | Drilled
  | { report: undefined; earlier?: undefined; error: unknown }
);

const COLUMNS: readonly Column<DrillRow>[] = [
  { header: 'RELEASE', cell: ({ release }) => release },
  { header: 'BACKUP', cell: ({ report }) => report?.backup ?? '' },
  { header: 'DRILL', cell: ({ report }) => (report === undefined ? 'not held' : drillVerdict(report)) },
  { header: 'TIME', cell: ({ report }) => (report === undefined ? '' : `${report.seconds.toFixed(1)}s`) },
  {
    header: 'TARGET',
    cell: ({ report }) => (report?.targetSeconds === undefined ? '' : spanText(report.targetSeconds)),
    spare: 1,
  },
  {
    header: 'PODS',
    cell: ({ report }) => (report === undefined ? '' : `${report.pods.proved}/${report.pods.of}`),
    spare: 2,
  },
  { header: 'WHY', cell: (row) => whyOf(row), mayBeCut: true },
];

export function drillsView(rows: readonly DrillRow[]): View<DrillRow> {
  return {
    kind: 'DrillReportList',
    data: {
      items: rows.flatMap((row) => (row.report === undefined ? [] : [drillData(row)])),
      notHeld: rows.flatMap((row) =>
        row.report === undefined ? [{ release: row.release, why: whyOf(row) }] : [],
      ),
    },
    rows,
    columns: COLUMNS,
    name: ({ release, report }) => `${release}@${report?.backup ?? 'latest'}`,
  };
}

function whyOf({ report, error }: DrillRow): string {
  return report?.failure ?? (error instanceof Error ? error.message : '');
}

/** What `drill --clean` did. */
export interface Cleaned extends CleanedUp {
  /** Objects of a given namespace that were deleted. */
  objects: string[];
  /** What stays, a clause each. */
  stays: string[];
}

export function cleanedData({ removed, underWay, unseen, objects, stays }: Cleaned): object {
  return { items: removed, underWay, unseen, objects, stays };
}
