import type { ObjectDifference } from '../model/forms/object-difference.ts';
import type { HelmDifference, HelmPart, HelmState } from '../model/helm/helm-difference.ts';
import { toYaml } from '../model/json/yaml.ts';
import { displayName } from '../model/kubernetes/object.ts';
import type { Difference } from '../model/release/difference.ts';
import type { Said, SettingRow } from '../model/settings/settings-difference.ts';
import type { Style } from './io.ts';
import { printableLine } from './printable.ts';
import { saidText, settingText } from './setting-text.ts';
import { type Column, formatTable } from './table.ts';
import { unifiedDiff } from './unified-diff.ts';

export interface DifferenceTextOptions {
  /** Every setting, not only those that part. */
  wide: boolean;
  headers: boolean;
  /** Of the terminal; undefined for a pipe. */
  columns?: number | undefined;
}

/** A comparison for a person: Helm, objects, settings, a blank line between; empty where nothing differs. */
export async function differenceText(
  difference: Difference,
  style: Style,
  options: DifferenceTextOptions,
): Promise<string> {
  const { from, to, helm, objects, settings } = difference;
  const whole = objects.filter(({ change }) => change !== 'changed');
  const changed = objects.filter(({ change }) => change === 'changed');
  const parts = [
    helm === undefined || helm.changes.join() === 'revision' ? '' : await helmText(helm, difference, style),
    whole.map((object) => `${wholeObjectLine(object, { from, to }, style)}\n`).join(''),
    ...(await Promise.all(changed.map((object) => changedObjectText(object, { from, to }, style)))),
    settingsTable(settings.rows, options),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

type Sides = Pick<Difference, 'from' | 'to'>;

async function helmText(helm: HelmDifference, difference: Difference, style: Style): Promise<string> {
  const { from, to } = difference;
  const { before, after, changes, values, parts = [] } = helm;
  const facts: [string, string, string][] = [
    ['revision', said(before, 'revision'), said(after, 'revision')],
    ['status', said(before, 'status'), said(after, 'status')],
    ['chart', said(before, 'chart'), said(after, 'chart')],
    ['app version', said(before, 'appVersion'), said(after, 'appVersion')],
  ];
  const lines = facts
    .filter(([, was, is]) => was !== is)
    .map(([what, was, is]) => style.yellow(printableLine(`Helm ${what}: ${was} → ${is}`)));
  const texts = { templates: "chart's content", manifest: 'manifest', hooks: 'hooks' };
  for (const what of ['templates', 'manifest', 'hooks'] as const) {
    const names = parts.filter(({ of }) => of === what).map(({ name }) => name);
    if (changes.includes(what))
      lines.push(style.yellow(printableLine(`Helm ${texts[what]}: differs in ${names.join(', ')}`)));
  }
  const told = new Set(difference.objects.map(({ ref }) => displayName(ref)));
  const shown = parts.filter((part) => !isSaid(part, helm, told));
  const diffs = [
    ...(values === undefined
      ? []
      : [{ name: 'values.yaml', before: toYaml(values.before), after: toYaml(values.after) }]),
    ...shown.map((part) => ({ ...part, name: fileOf(part) })),
  ].map((part) =>
    unifiedDiff(
      {
        before: { name: `${from}/helm/${part.name}`, text: part.before ?? '' },
        after: { name: `${to}/helm/${part.name}`, text: part.after ?? '' },
      },
      style,
    ),
  );
  return `${lines.map((line) => `${line}\n`).join('')}${(await Promise.all(diffs)).join('')}`;
}

/** Whether a part's difference shows elsewhere: in the facts above, or as the object that Helm made of it. */
function isSaid({ of, name }: HelmPart, { before, after }: HelmDifference, told: Set<string>): boolean {
  if (of === 'chart') return before?.chart !== after?.chart || before?.appVersion !== after?.appVersion;
  return of === 'manifest' && told.has(name);
}

function fileOf({ of, name }: HelmPart): string {
  return printableLine(`${of === 'templates' ? 'chart' : of}/${name}`);
}

function said(state: HelmState | undefined, field: keyof HelmState): string {
  return state === undefined ? '(no release)' : String(state[field]) || '(none)';
}

function wholeObjectLine({ ref, change }: ObjectDifference, { from, to }: Sides, style: Style): string {
  const name = printableLine(displayName(ref));
  return change === 'missing'
    ? style.red(`Missing: ${name} is ${place(from)}, not ${place(to)}`)
    : style.green(`Added: ${name} is ${place(to)}, not ${place(from)}`);
}

function place(side: string): string {
  return side === 'live' ? side : `in ${side}`;
}

async function changedObjectText(
  object: ObjectDifference,
  { from, to }: Sides,
  style: Style,
): Promise<string> {
  const name = printableLine(displayName(object.ref));
  return unifiedDiff(
    {
      before: { name: `${from}/${name}`, text: toYaml(object.before ?? {}) },
      after: { name: `${to}/${name}`, text: toYaml(object.after ?? {}) },
    },
    style,
  );
}

function settingsTable(rows: SettingRow[], { wide, headers, columns: room }: DifferenceTextOptions): string {
  const shown = wide ? rows : rows.filter(({ differs }) => differs);
  const several = new Set(rows.map(({ workload }) => workload)).size > 1;
  const columns: Column<SettingRow>[] = [
    { header: 'WORKLOAD', cell: ({ workload }) => workload, wide: !several },
    { header: 'SETTING', cell: ({ setting }) => setting },
    {
      header: 'CONFIGURED',
      cell: ({ setting, configured }) =>
        configured === undefined ? '(default)' : settingText(setting, configured),
    },
    { header: 'PODS SAY', cell: ({ setting, pods }) => whoSays(setting, pods), mayBeCut: true },
    { header: 'BACKUP SAYS', cell: ({ setting, backup }) => whoSays(setting, backup), mayBeCut: true },
  ];
  return formatTable(shown, columns, { wide, headers, columns: room });
}

function whoSays(setting: string, said: Said[]): string {
  if (said.length === 0) return '(no answer)';
  return saidText(
    setting,
    said.map(({ value = '(none)', pods }) => ({ value, pods: pods.length })),
  );
}
