import { tool } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import { CODES, entryOf } from '../doctor/catalogue.ts';
import { type Area, areaOfCode } from '../model/findings/finding.ts';
import { markdownBlock, markdownText } from '../output/markdown.ts';
import type { RunbookFacts } from './runbook-facts.ts';
import { onBackups } from './scenario.ts';

/** What somebody sees, and the area of doctor that says why. */
const ISSUES: readonly { title: string; area: Area }[] = [
  { title: 'Backups fail, or do not come', area: 'schedule' },
  { title: 'Backups can’t be saved or read', area: 'storage' },
  { title: 'A restore is refused, or would be', area: 'restore' },
  { title: 'Pods run with the old configuration', area: 'rollout' },
  { title: 'Something is not permitted', area: 'access' },
  { title: 'The cache itself is in trouble', area: 'cache' },
];

/** Symptom by symptom the command that finds the cause, and the codes of the failures that it may name. */
export function troubleshootingPart({ how, namespace, releases }: RunbookFacts): string {
  const where = namespace === undefined ? ['-A'] : ['-n', namespace];
  const doctor = (...words: string[]): string =>
    spellCommand(tool('doctor', ...words, ...where, ...how.store, ...how.key), how.spelling);
  const issues = ISSUES.map(({ title, area }) => {
    const codes = CODES.filter((code) => areaOfCode(code) === area && entryOf(code).severity === 'fail');
    const lines = codes.map((code) => `- ${code}: ${markdownText(entryOf(code).title)}`);
    const more = area === 'access' ? whatYouLack(releases, how) : [];
    return `### ${title}\n\n${markdownBlock([doctor('--only', area), ...more], 'sh')}\n${lines.join('\n')}\n`;
  });
  return `## Troubleshooting

\`doctor\` finds causes, and hides what only follows from them behind them. It changes nothing; exit code 3: something fails.

${markdownBlock(
  [
    '# Everything at once',
    doctor(),
    '# What a code means, and how it is mended',
    spellCommand(tool('doctor', '--explain', 'MB202'), how.spelling),
  ],
  'sh',
)}
With \`--fix\` it mends what is safe to mend: it shows each change, and asks. \`--report FILE.tgz\` writes all of it for somebody else to read.

${issues.join('\n')}`;
}

function whatYouLack(releases: RunbookFacts['releases'], how: RunbookFacts['how']): string[] {
  return [
    '# What you lack for a restore (exit code 1: something)',
    ...releases.map((release) =>
      onBackups(['permissions', 'restore', release.name, '--check'], release, how),
    ),
  ];
}
