import { tool } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import type { BoxId, CheckedBox } from '../model/checklist/checklist.ts';
import { markdownBlock, markdownCode, markdownText } from '../output/markdown.ts';
import type { RunbookFacts } from './runbook-facts.ts';

/** What ticks a box that is not, in words. */
const NEXT: Record<BoxId, string> = {
  'daily-backup': `Take one now (below), and let a schedule take the next ones: ${markdownCode('schedule install')}.`,
  'values-in-git': `Save to a Git store as well: ${markdownCode('copy --all --to git+ssh://HOST/PATH.git')} of each release, or a schedule with such a ${markdownCode('--store')}.`,
  cronjob: `${markdownCode('schedule install')}; for S3 and Git name the Secret with the keys: ${markdownCode('--s3-secret')}, ${markdownCode('--git-secret')}.`,
  retention: `${markdownCode('schedule install')} with ${markdownCode('--keep-within 30d')}.`,
  'off-cluster': `${markdownCode('schedule install')} with ${markdownCode('--store s3://BUCKET/FOLDER')}, or a Git repository, outside of this cluster.`,
  drills: `Hold the drill below each quarter, or let a schedule do it: ${markdownCode('schedule install')} with ${markdownCode(`--drill '0 4 1 */3 *'`)}.`,
  alerts: `${markdownCode('alerts')} prints what Prometheus takes.`,
  runbook: `Write this page into a file that the team finds: ${markdownCode('--output-file FILE')}.`,
};

/** Boxes that a schedule ticks. */
const BY_SCHEDULE: readonly BoxId[] = ['daily-backup', 'cronjob', 'retention', 'off-cluster'];

/** The eight boxes, and what is to be done about those that are not ticked. */
export function checklistPart(facts: RunbookFacts): string {
  const { checklist } = facts;
  const missing = checklist.filter(({ state }) => state !== 'ticked');
  return `## Checklist

Ticked is what was seen to hold when this was written.

${checklist.map(boxLine).join('')}
${missing.length === 0 ? '' : missingPart(missing, facts)}`;
}

function boxLine({ state, title, why }: CheckedBox): string {
  const not = state === 'unknown' ? 'not known: ' : '';
  return `- [${state === 'ticked' ? 'x' : ' '}] ${markdownText(title)}: ${not}${markdownText(why)}\n`;
}

function missingPart(missing: readonly CheckedBox[], facts: RunbookFacts): string {
  const next = missing.map(({ box, title }) => `- ${markdownText(title)}: ${NEXT[box]}\n`).join('');
  const commands = [
    ...(missing.some(({ box }) => BY_SCHEDULE.includes(box)) && facts.schedules?.length === 0
      ? install(facts)
      : []),
    ...(missing.some(({ box }) => box === 'alerts') ? alerts(facts) : []),
  ];
  return `### What is missing\n\n${next}${commands.length === 0 ? '' : `\n${markdownBlock(commands, 'sh')}`}`;
}

function install({ how, namespace, home }: RunbookFacts): string[] {
  const where = namespace === undefined ? ['-A', '-n', home] : ['-n', namespace];
  const rules = ['--cron', '0 2 * * *', '--keep-within', '30d', '--verify'];
  const install = (...more: string[]): string =>
    spellCommand(
      tool('schedule', 'install', ...where, ...how.scheduleStore, ...rules, ...more),
      how.spelling,
    );
  return [
    '# What a schedule would make, without making it',
    install('--dry-run'),
    '# Make it: shows the plan, asks, and proves it by a first run',
    install(),
  ];
}

/** Of every namespace there are none without a schedule. */
function alerts({ how, namespace, schedules }: RunbookFacts): string[] {
  if (namespace === undefined && (schedules ?? []).length === 0) return [];
  const where = namespace === undefined ? ['-A'] : ['-n', namespace];
  return ['# Alerting rules for Prometheus', spellCommand(tool('alerts', ...where), how.spelling)];
}
