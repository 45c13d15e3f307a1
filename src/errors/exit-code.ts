/**
 * The exit codes every command keeps to. Scripts and CronJobs branch on them, so their meaning never
 * changes; `options` lists them for users, and each command's help what it means by them.
 */
export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  differs: 3,
  unreachable: 4,
  incomplete: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
