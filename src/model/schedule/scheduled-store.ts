import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from '../json/json.ts';
import { type KubeObject, nameOf } from '../kubernetes/object.ts';
import { podTemplateOf } from '../kubernetes/workload.ts';

/** The marks of a CronJob that this tool made to take backups. */
export const SCHEDULE_LABELS = {
  'app.kubernetes.io/name': 'memcached-backup',
  'app.kubernetes.io/component': 'schedule',
  'app.kubernetes.io/managed-by': 'memcached-backup',
} as const;

/** The marks of one that this tool made to hold drills, beside a schedule. */
export const DRILL_LABELS = { ...SCHEDULE_LABELS, 'app.kubernetes.io/component': 'drill' } as const;

/** The same, as a label selector. */
export const SCHEDULE_SELECTOR = selectorOf(SCHEDULE_LABELS);
export const DRILL_SELECTOR = selectorOf(DRILL_LABELS);

function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map((pair) => pair.join('='))
    .join(',');
}

/** Where a schedule keeps its backups, as flags of this tool say it. */
export interface ScheduledStore {
  /** The CronJob's name. */
  cronJob: string;
  /** --store */
  location: string;
  /** --s3-endpoint, --s3-sse, --s3-sse-kms-key-id, as far as they are given: by name, without the dashes. */
  flags: ReadonlyMap<string, string>;
}

const S3_FLAGS = {
  's3-endpoint': 'AWS_ENDPOINT_URL_S3',
  's3-sse': undefined,
  's3-sse-kms-key-id': undefined,
};
/** A path is one inside of the schedule's pod, also that of a Git repository. */
const REACHED_FROM_ANYWHERE = /^(?:s3|git\+(?:ssh|https)|pvc):/i;

/**
 * The store of a schedule, by what its container is started with: flags first, as there, then its environment. Undefined for
 * one that can only be told inside of its pod: a path, a value of a Secret or of another variable.
 */
export function scheduledStore(cronJob: KubeObject): ScheduledStore | undefined {
  for (const container of arrayAt(objectAt(podTemplateOf(cronJob), 'spec'), 'containers').filter(isObject)) {
    const value = (flag: string, variable?: string): string | undefined => {
      const given = flagOf(container, flag) ?? (variable && variableOf(container, variable));
      return isWhole(given) ? given : undefined;
    };
    const location = value('store', 'MEMCACHED_BACKUP_STORE');
    if (location === undefined || !REACHED_FROM_ANYWHERE.test(location)) continue;
    const flags = Object.entries(S3_FLAGS).flatMap(([flag, variable]) => {
      const given = value(flag, variable);
      return given === undefined ? [] : [[flag, given] as const];
    });
    return { cronJob: nameOf(cronJob), location, flags: new Map(flags) };
  }
  return undefined;
}

/** The last one counts, as on any command line. */
function flagOf(container: JsonObject, flag: string): string | undefined {
  const words = [...arrayAt(container, 'command'), ...arrayAt(container, 'args')];
  const values = words.map((word, at) => {
    if (word === `--${flag}`) return words[at + 1];
    return typeof word === 'string' && word.startsWith(`--${flag}=`)
      ? word.slice(flag.length + 3)
      : undefined;
  });
  return values.filter((value) => typeof value === 'string').at(-1);
}

function variableOf(container: JsonObject, name: string): string | undefined {
  return arrayAt(container, 'env')
    .filter((entry) => stringAt(entry, 'name') === name)
    .map((entry) => stringAt(entry, 'value'))
    .filter((value) => value !== undefined)
    .at(-1);
}

/** Said, and without $(VARIABLE), which the kubelet fills in. */
function isWhole(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('$(');
}
