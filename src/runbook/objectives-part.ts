import type { DrillReport } from '../model/records/drill-report.ts';
import { drillInWords, drillTime } from '../model/records/drill-verdict.ts';
import { markdownText } from '../output/markdown.ts';
import type { RunbookFacts, RunbookRelease } from './runbook-facts.ts';

/** How fast and how complete a recovery is to be, and how fast it was when it was tried. */
export function objectivesPart({ rto, releases }: RunbookFacts): string {
  return `## Recovery objectives

| | Target | Measured |
| --- | --- | --- |
| Time until a release is back (RTO) | ${markdownText(rto)} | ${measured(releases)} |
| Configuration that may be lost (RPO) | what changed since the newest backup | see the checklist |
| Cached data that may be lost | all of it: a cache is not saved, and fills itself again | |
${trendOf(releases)}`;
}

/** "12 s on 2026-11-01", of each release where there are several. */
function measured(releases: readonly RunbookRelease[]): string {
  if (releases.every(({ drills }) => drills?.length === 0)) return 'no drill measured yet';
  return releases
    .map(({ name, drills }) => {
      const said = lastMeasured(drills);
      return releases.length === 1 ? said : `${markdownText(name)}: ${said}`;
    })
    .join('; ');
}

/** A drill that failed measured nothing. */
function lastMeasured(drills: readonly DrillReport[] | undefined): string {
  if (drills === undefined) return 'not known: the store could not be read';
  const passed = drills.find(({ outcome }) => outcome === 'passed');
  if (passed === undefined)
    return drills.length === 0 ? 'no drill measured yet' : 'the last drills did not pass';
  return `${drillTime(passed.seconds)} on ${day(passed)}`;
}

/** The last drills, the newest first; nothing where there are none. */
function trendOf(releases: readonly RunbookRelease[]): string {
  const rows = releases.flatMap(({ name, drills = [] }) =>
    drills.map((drill) => {
      const { backup, pods, changed } = drill;
      const cells = [
        markdownText(name),
        day(drill),
        markdownText(drillInWords(drill)),
        markdownText(backup),
        `${pods.proved} of ${pods.of}`,
        String(changed.length),
      ];
      return `| ${cells.join(' | ')} |\n`;
    }),
  );
  if (rows.length === 0) return '';
  return `
The last drills:

| Release | On | How it went | Backup | Pods proved | Changed for the drill |
| --- | --- | --- | --- | --- | --- |
${rows.join('')}`;
}

function day({ at }: DrillReport): string {
  return markdownText(at.slice(0, 10));
}
