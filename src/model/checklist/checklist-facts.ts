import type { KubeObject } from '../kubernetes/object.ts';
import type { DrillReport } from '../records/drill-report.ts';
import type { ScheduleFacts } from '../schedule/schedule-facts.ts';
import type { StorePlace } from './store-place.ts';

/** What the checklist of one release is judged by: what was seen of it, and what could not be seen. */
export interface ChecklistFacts {
  now: Date;
  /** Where CronJobs were looked for: undefined, in every namespace. */
  namespace: string | undefined;
  /** Whether Helm has it, and with it values. */
  isHelm: boolean;
  /** What a restore of it may take as the newest, the newest first; undefined where the store can't be read. */
  backups: readonly GoodBackup[] | undefined;
  /** The store that `backups` lie in; undefined where none can be opened. */
  store: StorePlace | undefined;
  /** Schedules of this tool that save it, or may; undefined where CronJobs can't be read. */
  schedules: readonly SavingSchedule[] | undefined;
  alerts: AlertsSeen;
  /** Its last drills, the newest first; undefined where the store can't be read. */
  drills: readonly DrillReport[] | undefined;
  /** Whether this is judged for a runbook that is being written. */
  isRunbook: boolean;
}

export interface GoodBackup {
  id: string;
  at: Date;
  /** Whether it holds Helm's record of the release, with its values. */
  holdsValues: boolean;
}

/** A schedule, and whether it saves the release: "perhaps" where a label selector decides. */
export interface SavingSchedule extends ScheduleFacts {
  saves: 'yes' | 'perhaps';
}

/** The PrometheusRules that could be seen. */
export type AlertsSeen =
  | { seen: true; rules: readonly KubeObject[]; everywhere: boolean }
  | { seen: false; why: string };
