/**
 * What a drill says of itself, kept beside the backups of its release as `drills/<id>.json`: a restore of a backup into a
 * namespace of its own, timed, proved and taken away again. It holds no value of a Secret. The store may be written by
 * others: {@link readDrillReport} believes nothing of it.
 */

import { isObject, type Json, type JsonObject, numberAt, stringAt } from '../json/json.ts';
import { isBackupId, isReleaseName } from './backup-id.ts';

export const DRILL_REPORT_VERSION = 1;

/** What is timed, in this order; those up to `proof` are what a recovery takes. */
export const DRILL_PHASES = [
  'read',
  'namespace',
  'plan',
  'apply',
  'images',
  'ready',
  'proof',
  'removal',
] as const;

export type DrillPhaseName = (typeof DRILL_PHASES)[number];

export interface DrillPhase {
  name: DrillPhaseName;
  /** Wall time, with three places. */
  seconds: number;
}

/** How a drill ended. "cut-off": Ctrl-C, a signal, or its Lease was lost. A target that was missed is still "passed". */
export type DrillOutcome = 'passed' | 'failed' | 'cut-off';

/** Something of the backup that the drill made in another way, so that it can do no harm beside the original. */
export interface DrillChange {
  /** "service/cart", as messages name it. */
  what: string;
  /** One clause: "type ClusterIP instead of LoadBalancer". */
  change: string;
  /** It was not made at all: the server only tried it (dryRun=All), where it could. */
  left?: true;
}

export interface DrillReport {
  formatVersion: typeof DRILL_REPORT_VERSION;
  /** As a backup's: "20261130T001330Z", when it began. */
  id: string;
  /** When it began, RFC 3339, UTC. */
  at: string;
  release: string;
  /** Of the release: where the backup was taken. */
  namespace: string;
  /** The cluster's folder in the store. */
  cluster: string;
  /** The id of the backup that was restored. */
  backup: string;
  /** The namespace that it was restored into. */
  into: string;
  /** Whether the drill made that namespace, and deletes it as a whole. */
  madeNamespace: boolean;
  /** Only those that were reached. */
  phases: DrillPhase[];
  /** From the command line to the proof, the removal left out: what a recovery took. Of one that failed, to its end. */
  seconds: number;
  /** `--target`; absent where none was given. */
  targetSeconds?: number;
  /** Whether it passed within the target; absent without one. */
  met?: boolean;
  pods: {
    proved: number;
    /** Those that the drill made. */
    of: number;
    /** Those that the backup had. */
    inBackup: number;
  };
  /** Settings of memcached that were compared with the backup's and are equal, over all pods the same ones. */
  settings: number;
  /** What could not be proved, a clause each. */
  unproved: string[];
  /** What was made in another way, or not at all. */
  changed: DrillChange[];
  /** What a real recovery would do, or take, on top: a clause each. */
  onTop: string[];
  /** Whether every image lay on its node already, so that a recovery elsewhere takes longer; absent where nobody could tell. */
  imagesPresent?: boolean;
  outcome: DrillOutcome;
  /** Why it failed or was cut off, one sentence without a full stop. */
  failure?: string;
  /** Whether all that it made is gone; false: `drill --clean` removes it. */
  removed: boolean;
  /** Version of this tool. */
  tool: string;
}

/** Where it lies among the release's files. */
export function drillReportPath(id: string): string {
  return `drills/${id}.json`;
}

/** Of one report, bytes; more is none of this tool's. */
export const DRILL_REPORT_MAX_BYTES = 256 * 1024;

/** Entries that a list of a report may have, and characters of a text in it. */
const MAX_ENTRIES = 2000;
const MAX_TEXT = 4096;

/**
 * A report as the store has it, parsed; whatever it is not, it is not taken for.
 * @returns undefined where it is no report of this version.
 */
export function readDrillReport(value: Json): DrillReport | undefined {
  if (!isObject(value) || value.formatVersion !== DRILL_REPORT_VERSION) return undefined;
  const id = stringAt(value, 'id') ?? '';
  const at = textOf(value, 'at');
  const release = textOf(value, 'release');
  const outcome = (['passed', 'failed', 'cut-off'] as const).find((each) => each === value.outcome);
  const seconds = amountOf(value, 'seconds');
  const phases = listOf(value, 'phases', phaseOf);
  const [proved, of, inBackup] = ['proved', 'of', 'inBackup'].map((key) => amountOf(value, 'pods', key));
  const settings = amountOf(value, 'settings');
  const changed = listOf(value, 'changed', changeOf);
  const unproved = listOf(value, 'unproved', shortText);
  const onTop = listOf(value, 'onTop', shortText);
  const names = ['namespace', 'cluster', 'backup', 'into', 'tool'].map((key) => textOf(value, key));
  const [namespace, cluster, backup, into, tool] = names;
  const isTimed = at !== undefined && !Number.isNaN(Date.parse(at)) && isBackupId(id);
  if (!isTimed || release === undefined || !isReleaseName(release) || outcome === undefined) return undefined;
  if (seconds === undefined || phases === undefined || changed === undefined || settings === undefined)
    return undefined;
  if (proved === undefined || of === undefined || inBackup === undefined) return undefined;
  if (unproved === undefined || onTop === undefined || names.includes(undefined)) return undefined;
  const targetSeconds = amountOf(value, 'targetSeconds');
  const failure = textOf(value, 'failure');
  return {
    formatVersion: DRILL_REPORT_VERSION,
    id,
    at,
    release,
    namespace: namespace!,
    cluster: cluster!,
    backup: backup!,
    into: into!,
    madeNamespace: value.madeNamespace === true,
    phases,
    seconds,
    ...(targetSeconds === undefined ? {} : { targetSeconds }),
    ...(typeof value.met === 'boolean' ? { met: value.met } : {}),
    pods: { proved, of, inBackup },
    settings,
    unproved,
    changed,
    onTop,
    ...(typeof value.imagesPresent === 'boolean' ? { imagesPresent: value.imagesPresent } : {}),
    outcome,
    ...(failure === undefined ? {} : { failure }),
    removed: value.removed === true,
    tool: tool!,
  };
}

function phaseOf(value: Json): DrillPhase | undefined {
  const name = DRILL_PHASES.find((each) => isObject(value) && each === value.name);
  const seconds = amountOf(value, 'seconds');
  return name === undefined || seconds === undefined ? undefined : { name, seconds };
}

function changeOf(value: Json): DrillChange | undefined {
  if (!isObject(value)) return undefined;
  const [what, change] = [textOf(value, 'what'), textOf(value, 'change')];
  if (what === undefined || change === undefined) return undefined;
  return { what, change, ...(value.left === true ? { left: true } : {}) };
}

/** undefined also where one of its entries is none. */
function listOf<T>(value: JsonObject, key: string, read: (item: Json) => T | undefined): T[] | undefined {
  const items = value[key];
  if (!Array.isArray(items) || items.length > MAX_ENTRIES) return undefined;
  const entries = items.map(read);
  return entries.includes(undefined) ? undefined : (entries as T[]);
}

function textOf(value: JsonObject, key: string): string | undefined {
  return shortText(value[key] ?? null);
}

function shortText(value: Json): string | undefined {
  return typeof value === 'string' && value.length <= MAX_TEXT ? value : undefined;
}

/** Not negative, and finite. */
function amountOf(value: Json, ...path: string[]): number | undefined {
  const amount = numberAt(value, ...path);
  return amount !== undefined && Number.isFinite(amount) && amount >= 0 ? amount : undefined;
}
