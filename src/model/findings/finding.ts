import type { Advice } from '../../advice/advice.ts';
import type { Command } from '../../advice/command.ts';
import type { Json } from '../json/json.ts';
import type { KubeObject, ObjectRef } from '../kubernetes/object.ts';

/** What `doctor` looks at, in the order in which it is shown. A code's first digit is its area's place here. */
export const AREAS = ['access', 'schedule', 'storage', 'restore', 'rollout', 'cache'] as const;
export type Area = (typeof AREAS)[number];

/**
 * fail: something does not work. warn: it works, and something is wrong. note: worth knowing, and no fault.
 * ok: looked at and in order. unknown: could not be looked at.
 */
export const SEVERITIES = ['fail', 'warn', 'unknown', 'note', 'ok'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What was seen, word for word: a condition, an event, a line of a log, a number. */
export interface Evidence {
  text: string;
  /** When it was so, RFC 3339; shown as an age. Absent: now. */
  at?: string;
}

/** One write of a repair: everything that is sent, so that it can be shown before. */
export type RepairStep =
  | { action: 'create'; object: KubeObject }
  | {
      action: 'patch';
      ref: ObjectRef;
      operations: { op: 'test' | 'add' | 'replace' | 'remove'; path: string; value?: Json }[];
    }
  /** With a resourceVersion only as it was seen: what somebody has taken since stays. */
  | { action: 'delete'; ref: ObjectRef; uid: string; resourceVersion?: string }
  /**
   * Evicts these pods of the workload one by one, as PodDisruptionBudgets allow, and waits for those that come. One
   * that is gone by then, for another finding's sake say, is not evicted twice.
   */
  | { action: 'restart'; ref: ObjectRef; pods: { name: string; uid: string }[] };

/** What `doctor --fix` would do: safe, known, and nothing but this. */
export interface Repair {
  /** One clause: "add the missing rule to role.rbac.authorization.k8s.io/x". */
  what: string;
  steps: RepairStep[];
}

/** A command that brings a release back to what was up, and what is known of it beforehand. */
export interface WayBack {
  advice: Command;
  /** What shows that it leads there, one clause: "revision 3: pod/cart-1 is ready and runs as it says". */
  why: string;
  /** What the pods return to, as memcached's arguments: "-m 48 -c 256". */
  settings?: string;
  /** Caches that serve and that it empties; absent where that can't be told. */
  cachesEmptied?: number;
}

/** One result of `doctor`. */
export interface Finding {
  /** "MB204": stable, described in docs/findings.md. */
  code: string;
  severity: Severity;
  area: Area;
  /** What it is about; absent where it is about the cluster, the user or the store as a whole. */
  object?: ObjectRef;
  /** The memcached release that it concerns; absent where it concerns none, or all. */
  release?: { namespace: string; name: string };
  /** One sentence, without a full stop. */
  summary: string;
  evidence: Evidence[];
  /** Since when it is so, RFC 3339; absent where nothing tells. */
  since?: string;
  /** What to look at and what to do, in this order; empty where there is nothing to do. */
  advice: Advice[];
  /** Those of the advice that lead back to what was up, the quickest safe one first; absent where there is none. */
  waysBack?: WayBack[];
  /** Where doctor can do it itself. Not shown. */
  repair?: Repair;
  /**
   * Keys (`keyOf`) of objects on the way from the cause to what suffers from it: the Job, the pod, the CronJob.
   * Tells which findings are consequences of which. Not shown.
   */
  about: string[];
  /** Findings that go away with this one, hidden behind it. */
  consequences: Consequence[];
}

/** A finding that another one explains. */
export interface Consequence {
  code: string;
  object?: ObjectRef;
  summary: string;
}

/** The area of a code: its first digit. @throws RangeError for what is no code. */
export function areaOfCode(code: string): Area {
  const area = AREAS[Number(/^MB([1-6])\d\d$/.exec(code)?.[1]) - 1];
  if (area === undefined) throw new RangeError(`"${code}" is no code of a finding`);
  return area;
}

export function bySeverity(a: Finding, b: Finding): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}
