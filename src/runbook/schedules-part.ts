import { tool } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import type { ScheduleFacts } from '../model/schedule/schedule-facts.ts';
import type { ScheduledBackup } from '../model/schedule/scheduled-backup.ts';
import { markdownBlock, markdownCode, markdownTable } from '../output/markdown.ts';
import type { CommandWords, RunbookFacts } from './runbook-facts.ts';

/** The CronJobs of this tool: what they save, when, for how long, and whether they did. */
export function schedulesPart({ schedules, namespace, how }: RunbookFacts): string {
  const commands = (schedules ?? [])
    .filter(({ isInstalled }) => isInstalled)
    .map((each) => careOf(each, how));
  return `## Schedule\n\n${text(schedules, namespace)}${commands.join('')}`;
}

/** What is typed of a schedule that `schedule install` made. */
function careOf({ namespace, cronJob }: ScheduleFacts, { spelling }: CommandWords): string {
  const care = (verb: string): string =>
    spellCommand(tool('schedule', verb, '-n', namespace, '--name', cronJob), spelling);
  return `\n${markdownBlock(
    [
      '# How its runs went, and whether the store holds what they say',
      care('status'),
      '# What the newest run said (exit code 1: there was none yet)',
      care('logs'),
      '# Run it now, and follow it to its end',
      care('run'),
    ],
    'sh',
  )}`;
}

function text(schedules: RunbookFacts['schedules'], namespace: string | undefined): string {
  if (schedules === undefined) return 'CronJobs could not be read when this was written.\n';
  if (schedules.length === 0) {
    return `No CronJob of this tool ${namespace === undefined ? 'in any namespace' : `in namespace ${markdownCode(namespace)}`}: backups are taken by hand alone.\n`;
  }
  const headers = ['CronJob', 'Saves', 'When', 'Next run', 'Last success', 'Keeps', 'Sealed', 'Verified'];
  return markdownTable(headers, schedules.map(row));
}

function row(schedule: ScheduleFacts): string[] {
  const { namespace, cronJob, timeZone, suspended, next, lastSuccess, backup } = schedule;
  return [
    markdownCode(`${namespace}/${cronJob}`),
    backup === undefined ? 'not known' : saved(backup),
    `${markdownCode(schedule.schedule)}, ${timeZone === undefined ? 'in the zone of the controller' : markdownCode(timeZone)}`,
    suspended ? '**suspended**' : next === undefined ? '**never**' : moment(next.toISOString()),
    lastSuccess === undefined ? '**none yet**' : moment(lastSuccess),
    backup === undefined || backup.keep.length === 0 ? 'everything' : backup.keep.map(markdownCode).join(' '),
    backup?.isSealed === true ? 'yes' : 'no',
    backup?.verifies === true ? 'yes' : 'no',
  ];
}

function saved({ releases, namespace, selector }: ScheduledBackup): string {
  const where = namespace === undefined ? 'of every namespace' : `of ${markdownCode(namespace)}`;
  if (releases.length > 0) return `${releases.map(markdownCode).join(', ')} ${where}`;
  return `all releases ${where}${selector === undefined ? '' : ` with ${markdownCode(selector)}`}`;
}

/** "2026-11-30 02:00 UTC" */
function moment(time: string): string {
  return markdownCode(`${time.slice(0, 16).replace('T', ' ')} UTC`);
}
