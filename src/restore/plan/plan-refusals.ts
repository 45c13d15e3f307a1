import { kubectl } from '../../advice/command.ts';
import { type Spelling, spellCommand } from '../../advice/spell.ts';
import type { RestoreSource } from '../../backup/source.ts';
import { stringAt } from '../../model/json/json.ts';
import { displayName, keyOf } from '../../model/kubernetes/object.ts';
import { isMemcachedWorkload, isWorkload } from '../../model/kubernetes/workload.ts';
import type { Plan } from '../../model/plan/plan.ts';
import { whyNeverWritten } from '../../model/release/writable-object.ts';
import { listCommand } from '../../store/advice.ts';
import { planHelm } from './helm-plan.ts';
import { missingRecord, missingSecrets } from './left-out-secrets.ts';
import type { PlanInput, PlanOptions } from './plan-input.ts';
import { managedByOthers, takenByOthers } from './plan-warnings.ts';
import { unservedRefusal } from './unserved-kinds.ts';

/** Why a plan must not be carried out, by what is in the way. */
export interface PlanRefusals {
  /** It holds nothing to restore, or what no restore ever writes. */
  backup: string[];
  namespace: string[];
  /** Other workloads than memcached. */
  workloads: string[];
  /** Argo CD, Flux, an operator, another Helm release. */
  managers: string[];
  /** The cluster does not serve them. */
  kinds: string[];
  /** The API server's own. */
  writes: string[];
  /** Somebody is at work with Helm. */
  helm: string[];
  /** A backup without Secrets lacks them, and so does the cluster. */
  secrets: string[];
}

export function refusalsOf(input: PlanInput): PlanRefusals {
  const { source, live, now, options } = input;
  return {
    backup: [...emptyBackup(source, input.spelling), ...neverWritten(input)],
    namespace: [...namespaceRefusals(input), ...(source.moved?.refusals ?? [])],
    workloads: foreignWorkloads(input),
    managers: forced([...managedByOthers(input), ...takenByOthers(input)], options).refusals,
    kinds: (input.unserved ?? []).map(unservedRefusal),
    writes: refusedWrites(input),
    helm: forced(planHelm(source.history, live.history, now).refusals, options).refusals,
    secrets: [...missingSecrets(input, options), ...forced(missingRecord(input), options).refusals],
  };
}

/** A refusal that deleting the object and making it again gets round. */
export function isImmutable(answer: { status: number; message: string }): boolean {
  return (
    answer.status === 422 &&
    /immutable|may not change|updates to .* are forbidden|cannot change roleRef/i.test(answer.message)
  );
}

/** What --force turns from a refusal into something to know. */
export function forced(lines: string[], { force }: PlanOptions): Pick<Plan, 'refusals' | 'warnings'> {
  if (force === true) return { refusals: [], warnings: lines };
  return { refusals: lines.map((line) => `${line}; --force goes ahead all the same`), warnings: [] };
}

/**
 * Without Helm's record and without an object there is nothing to restore, and every object of the live release
 * would count as added since. A safety backup may be of nothing: undo leads back to that.
 */
function emptyBackup({ document, history, location, store }: RestoreSource, spelling: Spelling): string[] {
  const isEmpty = history.length === 0 && !document.objects.some(({ role }) => role === 'owned');
  if (!isEmpty || document.kind === 'safety') return [];
  const { release, namespace } = document;
  const list =
    store === undefined ? '' : ` (${spellCommand(listCommand(store, release, namespace.name), spelling)})`;
  return [
    `the backup ${location} holds no object of the release and no record of Helm's: there is nothing to restore from it; name another one by its id${list}`,
  ];
}

/** Backups are read without such objects; this is for whatever else a plan may be made of. */
function neverWritten({ source, live, options }: PlanInput): string[] {
  return source.objects.flatMap(({ ref, raw }) => {
    const why = options.mayWrite?.(ref) === false ? undefined : whyNeverWritten(raw, live.namespaceName);
    return why === undefined ? [] : [`${displayName(ref)} is never written: ${why}`];
  });
}

function namespaceRefusals({ live, spelling }: PlanInput): string[] {
  if (stringAt(live.namespace, 'status', 'phase') !== 'Terminating') return [];
  return [
    `namespace ${live.namespaceName} is being deleted: wait until it is gone (${spellCommand(kubectl('get', 'namespace', live.namespaceName, '-w'), spelling)}), then restore again`,
  ];
}

/** An umbrella chart's other workloads would be rolled back too: only when asked for. */
function foreignWorkloads({ source, live, options }: PlanInput): string[] {
  if (options.wholeRelease) return [];
  const all = [
    ...source.objects
      .filter(({ entry }) => entry.role === 'owned')
      .map(({ ref, raw }) => ({ ref, object: raw })),
    ...live.classified.filter(({ role }) => role === 'owned'),
  ];
  const foreign = all.filter(({ object }) => isWorkload(object) && !isMemcachedWorkload(object));
  if (foreign.length === 0) return [];
  const names = [...new Set(foreign.map(({ ref }) => displayName(ref)))];
  return [
    `the release holds other workloads than memcached: ${names.join(', ')}; --whole-release restores them too`,
  ];
}

/** apimachinery, errors.NewGenericServerResponse: of a path that no API has, as where a kind went since it was asked. */
const NOT_SERVED = /could not find the requested resource/;

/** What the server refused beforehand, in its own words; what must be recreated is no refusal, but a Service is. */
function refusedWrites({ source, answers, options }: PlanInput): string[] {
  return source.objects.flatMap(({ ref }) => {
    const answer = answers.get(keyOf(ref));
    if (answer?.kind !== 'refused') return [];
    if (answer.status === 404 && NOT_SERVED.test(answer.message)) {
      return [unservedRefusal({ ...ref, objects: [ref] })];
    }
    if (!isImmutable(answer)) return [`${displayName(ref)}: ${answer.message}`];
    if (ref.kind !== 'Service' || options.recreate === true) return [];
    return [
      `${displayName(ref)} would have to be deleted and made again, and may lose its address: ${answer.message}; --recreate does that`,
    ];
  });
}
