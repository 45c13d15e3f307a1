import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from '../json/json.ts';
import { type KubeObject, labelsOf, nameOf } from '../kubernetes/object.ts';
import { podTemplateOf } from '../kubernetes/workload.ts';
import { DRILL_LABELS, SCHEDULE_LABELS } from './scheduled-store.ts';

/** Who backs up: this tool, or a script that somebody wrote. */
export type BackupMaker = 'tool' | 'script';

/** "kubectl memcached-backup backup", "/bin/kubectl-memcached_backup -v backup", "helm memcached-backup backup" */
const RUNS_TOOL = /memcached[-_]backup["']?(?:\s+-\S+)*\s+backup\b/;
const READS_CLUSTER = /\b(?:kubectl|helm)\b[^\n|;&]*\sget\s/;
/** Into a file; neither into another stream nor away. */
const KEEPS_OUTPUT = />>?\s*(?!&|\/dev\/)["']?[\w$/.{]|\|\s*tee\s/;

/**
 * How a CronJob, or a Job, backs memcached's configuration up, told by what it does and not by who made it:
 * it bears this tool's labels, or runs its `backup`; or it keeps what `kubectl get` or `helm get` print about memcached, as the
 * CronJob of many a guide does; or its script is elsewhere and its name says both words. Undefined for one
 * that does something else.
 * @param releases names of memcached releases: a script may name one that does not say "memcached".
 */
export function backupMaker(object: KubeObject, releases: readonly string[] = []): BackupMaker | undefined {
  const containers = containersOf(object);
  if (containers.length === 0) return undefined;
  if (isScheduleOfTool(object)) return 'tool';
  // What holds drills runs this tool's image and saves nothing.
  if (isDrillOfTool(object)) return undefined;
  const script = scriptOf(object);
  if (RUNS_TOOL.test(script) || containers.some(isToolImage)) return 'tool';
  const name = nameOf(object);
  const isAboutMemcached =
    /memcached/i.test(`${name}\n${script}`) || releases.some((release) => namesRelease(script, release));
  if (isAboutMemcached && READS_CLUSTER.test(script) && KEEPS_OUTPUT.test(script)) return 'script';
  return /memcached/i.test(name) && /backup/i.test(name) ? 'script' : undefined;
}

/** Whether this tool made it, as its labels say: its image may be called anything. */
export function isScheduleOfTool(object: KubeObject): boolean {
  return bears(object, SCHEDULE_LABELS);
}

/** Whether this tool made it to hold drills. */
export function isDrillOfTool(object: KubeObject): boolean {
  return bears(object, DRILL_LABELS);
}

function bears(object: KubeObject, wanted: Readonly<Record<string, string>>): boolean {
  const labels = labelsOf(object);
  return Object.entries(wanted).every(([label, value]) => labels[label] === value);
}

/** What its containers run, the first ones first, a container a line; comments of a shell left out. */
export function scriptOf(object: KubeObject): string {
  return containersOf(object)
    .map((container) => [...strings(container, 'command'), ...strings(container, 'args')].join(' '))
    .join('\n')
    .replaceAll(/^\s*#.*$/gm, '');
}

function containersOf(object: KubeObject): JsonObject[] {
  const spec = objectAt(podTemplateOf(object), 'spec');
  return [...arrayAt(spec, 'initContainers'), ...arrayAt(spec, 'containers')].filter(isObject);
}

function strings(container: JsonObject, field: 'command' | 'args'): string[] {
  return arrayAt(container, field).filter((word) => typeof word === 'string');
}

function isToolImage(container: JsonObject): boolean {
  return /(?:^|\/)(?:kubectl-)?memcached[-_]backup(?:[:@]|$)/.test(stringAt(container, 'image') ?? '');
}

function namesRelease(script: string, release: string): boolean {
  return new RegExp(`(?<![-\\w])${release.replaceAll('.', '\\.')}(?![-\\w])`).test(script);
}
