import { displayName } from '../model/kubernetes/object.ts';
import type { LeftForRestart, RuntimeChange } from '../model/plan/runtime.ts';
import { settingText } from './setting-text.ts';

/** Changed fields named of one object; the rest is counted. */
const NAMED = 3;

/** "maxbytes 8388608 (8 MiB) → 67108864 (64 MiB)", of one pod. */
export function runtimeChangeText({ settings }: Pick<RuntimeChange, 'settings'>): string {
  return settings
    .map(({ key, from, to }) => `${key} ${settingText(key, from)} → ${settingText(key, to)}`)
    .join(', ');
}

/** What is left, in a clause: "deployment.apps/cart (writing it would end pods): maxconns 16 → 256". */
export function leftText({ ref, why, settings, changes }: LeftForRestart): string {
  const fields = [
    ...new Set(
      changes.map((change) => change.slice(0, change.indexOf(':') < 0 ? undefined : change.indexOf(':'))),
    ),
  ];
  const shown = fields.slice(0, NAMED);
  if (fields.length > shown.length) shown.push(`${fields.length - shown.length} more`);
  const what = [
    ...settings.map(
      ({ key, expected, actual, why: reason }) =>
        `${key} ${settingText(key, actual)} → ${settingText(key, expected)}${reason === undefined ? '' : ` (${reason})`}`,
    ),
    ...(shown.length === 0 ? [] : [`fields ${shown.join(', ')}`]),
  ];
  return `${displayName(ref)} (${why})${what.length === 0 ? '' : `: ${what.join(', ')}`}`;
}
