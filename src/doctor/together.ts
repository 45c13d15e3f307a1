import type { Evidence, Finding } from '../model/findings/finding.ts';

/** From so many on, notes alike of as many releases are one: a screen of them would hide what matters. */
const MANY = 3;
/** Commands to paste that are kept of them. */
const FIXES = 3;

/** Findings in which notes of one code, about several releases, are drawn together into one. Pure. */
export function notesTogether(findings: readonly Finding[]): Finding[] {
  const groups = Map.groupBy(findings, ({ code }) => code);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first?.severity !== 'note' || group.length < MANY) return group;
    // A way back is one release's.
    const { release: _, waysBack: __, ...rest } = first;
    return [
      {
        ...rest,
        summary: `${first.summary}, and so it is with ${group.length - 1} other releases`,
        evidence: group.map(
          ({ release, summary }): Evidence => ({
            text: release === undefined ? summary : `${release.namespace}/${release.name}`,
          }),
        ),
        advice: group.flatMap(({ advice: fix }) => fix).slice(0, FIXES),
        about: [...new Set(group.flatMap(({ about }) => about))],
      },
    ];
  });
}

/** What is in order of several releases: of one in a sentence, of more a count, and each as evidence. */
export function inOneLine(
  lines: readonly string[],
  count: (lines: number) => string,
): { summary: string; evidence?: Evidence[] } {
  if (lines.length <= 1) return { summary: lines[0] ?? '' };
  return { summary: count(lines.length), evidence: lines.map((text) => ({ text })) };
}
