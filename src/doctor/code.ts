import type { Severity } from '../model/findings/finding.ts';

/** What docs/findings.md says of a code, and what the doctor needs to know of it. */
export interface CodeEntry {
  severity: Severity;
  /** A short name: "The backup CronJob is suspended". */
  title: string;
  /** What makes it so, for a person who meets it for the first time. */
  cause: string;
  /** What is looked at, with the threshold and its source where there is one. */
  evidence: string;
  /** What to do. */
  fix: string;
  /** Whether `doctor --fix` does it. */
  fixable?: true;
  /** A note on how something was set up, the same at each look: of what is healthy it is folded into one line with its like. */
  standing?: true;
  /** Codes that are its consequences where they concern the same objects: they are hidden behind it. */
  hides?: readonly string[];
}

export type Codes = Readonly<Record<`MB${number}`, CodeEntry>>;
