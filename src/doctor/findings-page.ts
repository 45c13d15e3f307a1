import { AREAS, type Area, areaOfCode } from '../model/findings/finding.ts';
import { wrapLine } from '../output/wrap.ts';
import { CODES, type Code, entryOf } from './catalogue.ts';

/** How a severity is called in a sentence. */
export const SEVERITY_TEXT = {
  fail: 'failure',
  warn: 'warning',
  note: 'note',
  ok: 'in order',
  unknown: 'unknown',
} as const;

const AREA_TEXT: Record<Area, string> = {
  access: 'the cluster, and what you and the backup’s service account may do',
  schedule: 'do backups happen by themselves?',
  storage: 'where backups go',
  restore: 'would a restore work now?',
  rollout: 'did the change arrive at the pods?',
  cache: 'memcached itself',
};

/** Of docs/findings.md, which is read as it is, too. */
const PAGE_COLUMNS = 120;

/** docs/findings.md: every code with its cause, evidence and fix. */
export function findingsPage(): string {
  const areas = AREAS.map((area) => {
    const parts = CODES.filter((code) => areaOfCode(code) === area).map((code) => wrapped(explainCode(code)));
    return [`## ${area}: ${AREA_TEXT[area]}\n`, ...parts].join('\n');
  });
  return `# Findings of doctor

*For operators: when doctor, a listing or an alert names a code. To be searched, not read through.*

\`doctor --explain CODE\` prints a part of this page. Codes are stable: a code keeps its meaning, and new ones are added.
failure: something does not work (exit code 3). warning: it works, and something is wrong. note: worth knowing, and no fault.
unknown: could not be looked at. What a failure explains is hidden behind it (\`consequences\` in \`-o json\`).

${areas.join('\n')}`;
}

/** Items of a list go on below their text. */
function wrapped(part: string): string {
  return part
    .split('\n')
    .map((line) => (line.startsWith('- ') ? wrapLine(line, PAGE_COLUMNS, 2) : line))
    .join('\n');
}

/** One code's part of the page, as Markdown. */
export function explainCode(code: Code): string {
  const { severity, title, cause, evidence, fix, fixable, hides } = entryOf(code);
  const lines = [
    `### ${code} ${title}\n`,
    `*${SEVERITY_TEXT[severity]}*\n`,
    `- **Cause:** ${cause}`,
    `- **Evidence:** ${evidence}`,
    `- **Fix:** ${fix}${fixable === true ? ' `doctor --fix` does it.' : ''}`,
    ...(hides === undefined ? [] : [`- **Explains:** ${hides.join(', ')}`]),
  ];
  return `${lines.join('\n')}\n`;
}
