import { markdownText } from '../output/markdown.ts';
import type { RunbookFacts } from './runbook-facts.ts';

/** How fast and how complete a recovery is to be, and how fast it was when it was tried. */
export function objectivesPart({ rto }: RunbookFacts): string {
  return `## Recovery objectives

| | Target | Measured |
| --- | --- | --- |
| Time until a release is back (RTO) | ${markdownText(rto)} | ${measured()} |
| Configuration that may be lost (RPO) | what changed since the newest backup | see the checklist |
| Cached data that may be lost | all of it: a cache is not saved, and fills itself again | |
`;
}

/** Drills leave no record yet. */
function measured(): string {
  return 'no drill measured yet';
}
