import { nameRevisions } from '../model/helm/name-revisions.ts';
import { displayName, type ObjectRef } from '../model/kubernetes/object.ts';
import { isWorkload } from '../model/kubernetes/workload.ts';
import type { Plan, PlannedHelm, PlannedObject } from '../model/plan/plan.ts';
import { unprovenOf } from '../model/plan/proof.ts';
import { emptyingCostLines } from './emptying-cost-text.ts';
import type { Style } from './io.ts';
import { printableLine } from './printable.ts';
import { leftText, runtimeChangeText } from './runtime-text.ts';
import { settingChangeLines } from './setting-changes-text.ts';
import { targetInWords } from './target-in-words.ts';

/** Changed fields shown for one object; the JSON form has all of them. */
const MAX_CHANGES = 12;

/**
 * A plan for a person, a line an element. Nothing in it is a Secret's value: the plan holds none.
 * @param undone of the plan of an undo: the safety backup that it leads back to; undefined in it where there was nothing to save.
 */
export function planLines(plan: Plan, style: Style, undone?: { undo: string | undefined }): string[] {
  const { namespace } = plan;
  const lines = [
    style.bold(printableLine(undone === undefined ? headline(plan) : undoHeadline(plan, undone))),
    ...(plan.target === undefined ? [] : [style.dim(printableLine(`  In ${targetInWords(plan.target)}`))]),
    ...unhealthyLines(plan).map((text) => style.yellow(printableLine(text))),
  ];
  if (plan.settings !== undefined && !plan.nothingToDo && plan.proof === undefined) {
    lines.push(...settingChangeLines(plan.settings).map((text) => `  ${printableLine(text)}`));
  }
  const skipped = (plan.skipped ?? []).map((ref) =>
    style.yellow(printableLine(`  skip     ${displayName(ref)}: left out, as --skip-kind says`)),
  );
  if (plan.nothingToDo) {
    lines.push(
      ...skipped,
      plan.notAsked === true
        ? '  Nothing to do, it may be: the live objects, the pods and their effective settings seem to equal the backup; the server was not asked.'
        : '  Nothing to do: the live objects, the pods and their effective settings all equal the backup.',
    );
    return lines;
  }
  if (plan.proof !== undefined) {
    lines.push(
      ...skipped,
      style.yellow('  Nothing to write: the live objects equal the backup. What could not be proved:'),
      ...unprovenOf(plan.proof).map((text) => style.yellow(printableLine(`    ${text}`))),
      ...plan.warnings.map((warning) => style.yellow(`  Note: ${printableLine(warning)}`)),
    );
    return lines;
  }
  if (namespace.action === 'create')
    lines.push(
      line(style, 'create', `namespace/${namespace.name}`, 'it does not exist'),
      ...grantLines(namespace, style),
    );
  const helm = helmLine(plan.helm);
  if (helm !== undefined) lines.push(line(style, helm[0], helm[1], helm[2]));
  for (const object of plan.objects) {
    if (object.action === 'keep') continue;
    lines.push(
      line(style, object.action, nameIn(plan, object.ref), object.reason),
      ...changeLines(object),
      ...grantLines(object, style),
    );
  }
  lines.push(...skipped);
  for (const { ref, workload, why } of plan.stuckPods ?? []) {
    const reason = `it never became ready (${why}) and serves nothing; ${displayName(workload)} would wait for it for ever`;
    lines.push(line(style, 'delete', displayName(ref), reason));
  }
  lines.push(...runtimeLines(plan, style));
  const kept = plan.objects.filter(({ action }) => action === 'keep').length;
  if (kept > 0)
    lines.push(style.dim(`  keep     ${kept === 1 ? '1 object as it is' : `${kept} objects as they are`}`));
  lines.push(...cachesLines(plan, style), ...pacedLines(plan));
  for (const [why, whats] of grouped(plan.unchecked)) {
    lines.push(style.dim(printableLine(`  Not checked beforehand, because ${why}: ${whats.join(', ')}`)));
  }
  lines.push(...referenceLines(plan).map((text) => style.yellow(printableLine(text))));
  for (const warning of plan.warnings) lines.push(style.yellow(`  Note: ${printableLine(warning)}`));
  return lines;
}

/** What is sent to servers that run, and what is left for their next start. */
function runtimeLines({ runtime }: Plan, style: Style): string[] {
  const { changes = [], left = [] } = runtime ?? {};
  const lines = [
    ...changes.map(
      (change) => `  set      pod/${change.pod}: ${runtimeChangeText(change)}, for as long as it lives`,
    ),
    ...left.map((each) => `  leave    ${leftText(each)}`),
  ];
  return lines.map((text) => style.yellow(printableLine(text)));
}

function headline(plan: Plan): string {
  const { backup, namespace } = plan;
  const note = backup.note === undefined ? '' : `, "${backup.note}"`;
  return `Plan: restore ${backup.release} in ${namespace.name} to backup ${backup.id}${from(plan)} (taken ${backup.takenAt}${note})`;
}

function undoHeadline({ backup, namespace }: Plan, { undo }: { undo: string | undefined }): string {
  const where =
    undo === undefined
      ? 'there was nothing of it'
      : `it was: safety backup ${undo} (taken ${backup.takenAt})`;
  return `Plan: undo the restore of ${backup.release} in ${namespace.name}, back to ${undo === undefined ? 'where' : 'how'} ${where}`;
}

/** How many pods that run lose their cache, whether others take their place, and what that costs. */
function cachesLines({ cachesEmptied, notAsked, objects, emptyingCost }: Plan, style: Style): string[] {
  if (cachesEmptied === 0)
    return [notAsked === true ? '  No cache may be emptied.' : '  No cache is emptied.'];
  const ending = objects.filter(
    ({ action, ref }) => isWorkload(ref) && action !== 'keep' && action !== 'create',
  );
  const isForGood = ending.length > 0 && ending.every(({ action }) => action === 'delete');
  const what = isForGood ? 'deleted' : 'replaced';
  const empties = notAsked === true ? 'May empty' : 'Empties';
  const costs =
    emptyingCost === undefined ? [] : emptyingCostLines(emptyingCost, { isForGood, caches: cachesEmptied });
  return [
    cachesEmptied === 1
      ? `  ${empties} 1 cache: its pod is ${what}.`
      : `  ${empties} ${cachesEmptied} caches: these pods are ${what}.`,
    ...costs.map((text) => `    ${printableLine(text)}`),
  ].map((text) => style.yellow(text));
}

/** How gently, and what is not as it should be meanwhile. */
function pacedLines({ paced, cachesEmptied }: Plan): string[] {
  if (paced === undefined) return [];
  const { workloads, hitRatio, timeoutSeconds, warmFromOld } = paced;
  if (workloads.length === 0) return cachesEmptied === 0 ? [] : ['  Nothing of it can be paced.'];
  const names = workloads.map(displayName).join(', ');
  const after = `is ready and back at ${Math.round(hitRatio * 100)} % of the old hit ratio (${timeoutSeconds} s at most)`;
  return [
    printableLine(
      `  Paced: pods of ${names} are replaced one by one, the next when the new one before it ${after}.`,
    ),
    ...(warmFromOld === true
      ? [
          '  Each gets the items of the one that it replaces; what is changed or deleted while that goes comes back as it was.',
        ]
      : []),
    '  Meanwhile their own rollout is held (paused, or OnDelete); the end of it puts that back.',
  ];
}

function line(style: Style, action: PlannedObject['action'], what: string, why: string): string {
  const paint = {
    create: style.green,
    delete: style.red,
    recreate: style.red,
    replace: style.yellow,
    restart: style.yellow,
    keep: style.dim,
  };
  return `  ${paint[action](action.padEnd(8))} ${printableLine(what)}: ${printableLine(why)}`;
}

function changeLines({ changes }: PlannedObject): string[] {
  const shown = changes.slice(0, MAX_CHANGES).map((change) => `             ${printableLine(change)}`);
  return changes.length > MAX_CHANGES
    ? [...shown, `             and ${changes.length - MAX_CHANGES} more`]
    : shown;
}

/** Each of them: what is granted must not be hidden behind a count. */
function grantLines({ grants = [] }: { grants?: string[] }, style: Style): string[] {
  return grants.map((grant) => style.yellow(`             grants ${printableLine(grant)}`));
}

/** An object by its name; one that does not lie in the release's namespace with the place where it does. */
function nameIn({ namespace }: Plan, ref: ObjectRef): string {
  if (ref.namespace === namespace.name) return displayName(ref);
  return `${displayName(ref)} (${ref.namespace === undefined ? 'cluster-wide' : `in namespace ${ref.namespace}`})`;
}

function helmLine(helm: PlannedHelm): [PlannedObject['action'], string, string] | undefined {
  if (helm.action === 'new-revision') {
    const closed = [
      ...helm.superseded.map((revision) => `${revision} superseded`),
      ...helm.failed.map((revision) => `${revision} failed`),
    ];
    const rest = closed.length === 0 ? '' : `; then ${closed.join(', ')}`;
    return ['create', `Helm revision ${helm.revision}`, `repeats revision ${helm.from} of the backup${rest}`];
  }
  if (helm.action === 'create-history') {
    return ['create', nameRevisions(helm.revisions), 'Helm knows nothing of this release'];
  }
  if (helm.action === 'delete-history') {
    return ['delete', nameRevisions(helm.revisions), 'the restore wrote them; there were none before'];
  }
  return undefined;
}

/** That going back to this backup is going back to what did not work, and what there is instead. */
function unhealthyLines({ backup: { release, unhealthy = [], healthy } }: Plan): string[] {
  if (unhealthy.length === 0) return [];
  const instead =
    healthy === undefined
      ? 'no backup of it is of a moment when it was'
      : `the newest backup of a moment when it was is ${release}@${healthy} (${release}@healthy)`;
  return [
    `  Note: the release was not healthy when this backup was taken: ${unhealthy.join('; ')}; ${instead}`,
  ];
}

/** Whose namespace the backup is of, where it is restored into another. */
function from({ backup, namespace }: Plan): string {
  return backup.namespace === namespace.name ? '' : ` of namespace ${backup.namespace}`;
}

/** Every place, for nobody else will look for them; a line an object. */
function referenceLines({ mentions = [], backup }: Plan): string[] {
  if (mentions.length === 0) return [];
  const byObject = Map.groupBy(mentions, ({ what }) => what);
  return [
    `  Still names namespace ${backup.namespace}, and is not rewritten:`,
    ...[...byObject].map(([what, locations]) => {
      const told = locations.map(({ where, text }) => (text === undefined ? where : `${where} (${text})`));
      return `    ${what}: ${told.join(', ')}`;
    }),
  ];
}

/** What could not be checked, by reason. */
function grouped(unchecked: Plan['unchecked']): [string, string[]][] {
  const byReason = Map.groupBy(unchecked, ({ why }) => why);
  return [...byReason].map(([why, items]) => [why, items.map(({ what }) => what)]);
}
