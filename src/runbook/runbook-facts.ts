import type { Spelling } from '../advice/spell.ts';
import type { CheckedBox } from '../model/checklist/checklist.ts';
import type { DrillReport } from '../model/records/drill-report.ts';
import type { ScheduleFacts } from '../model/schedule/schedule-facts.ts';

/** All that a runbook is made of. */
export interface RunbookFacts {
  now: Date;
  /** Of the tool. */
  version: string;
  /** Undefined: every namespace. */
  namespace: string | undefined;
  /** The namespace of the connection, where a schedule of every namespace would be. */
  home: string;
  cluster: {
    /** As the store knows it; undefined where it can't be told. */
    name: string | undefined;
    server: string;
    serverVersion: string;
  };
  how: CommandWords;
  /** At least one. */
  releases: readonly RunbookRelease[];
  store: { location: string; isRead: boolean; keyFiles: boolean };
  /** Those of this tool; undefined where CronJobs can't be read. */
  schedules: readonly ScheduleFacts[] | undefined;
  checklist: readonly CheckedBox[];
  /** The time in which a release is to be back: "15m". */
  rto: string;
  contacts: Contacts | undefined;
}

/** How the commands of a runbook are spelled. */
export interface CommandWords {
  /** Of every command: it names the cluster. */
  spelling: Spelling;
  /** What leads to the store: "--store", s3://…; with the flags that reach it. */
  store: readonly string[];
  /** What opens sealed backups: "--identity", FILE; or nothing. */
  key: readonly string[];
  /** The store that a schedule would save to, which pods have to reach: "--store", pvc://…. */
  scheduleStore: readonly string[];
  /** The words after `runbook` that write it again. */
  again: readonly string[];
}

export interface RunbookRelease {
  namespace: string;
  name: string;
  /** "memcached 1.2.3"; undefined without Helm. */
  chart: string | undefined;
  /** Helm's newest revision. */
  revision: number | undefined;
  workloads: readonly { name: string; replicas: number; settings: ReadonlyMap<string, string> }[];
  /** What a restore may take, the newest first. */
  backups: readonly {
    id: string;
    at: Date;
    verifiedAt: string | undefined;
    sealedTo: readonly string[] | undefined;
  }[];
  /** The last, the newest first; undefined where the store can't be read. */
  drills: readonly DrillReport[] | undefined;
  /** The schedules that save it for certain. */
  savedBy: readonly ScheduleFacts[];
}

/** Whom to call: a file's text, word for word. */
export interface Contacts {
  text: string;
  format: 'markdown' | 'yaml';
}
