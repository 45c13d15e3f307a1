import type { SettingChange } from '../model/settings/setting-changes.ts';
import type { Said } from '../model/settings/settings-difference.ts';
import { saidText, settingText } from './setting-text.ts';

/** What a backup changes of memcached's settings, a line each: "maxbytes: 8388608 (8 MiB) → 67108864 (64 MiB)". */
export function settingChangeLines(changes: readonly SettingChange[]): string[] {
  if (changes.length === 0) return ['No setting of memcached is known to differ.'];
  const several = new Set(changes.map(({ workload }) => workload)).size > 1;
  return [
    'Settings of memcached, now → at the backup:',
    ...changes.map((change) => {
      const where = several ? `${change.workload} ` : '';
      return `  ${where}${change.setting}: ${nowText(change)} → ${saidOf(change.setting, change.backup)}`;
    }),
  ];
}

function nowText({ setting, pods, configured }: SettingChange): string {
  if (pods.length > 0) return saidOf(setting, pods);
  return configured === undefined ? '(no answer)' : `${settingText(setting, configured)}, no pod answers`;
}

function saidOf(setting: string, said: readonly Said[]): string {
  if (said.length === 0) return '(not known)';
  return saidText(
    setting,
    said.map(({ value = '(none)', pods }) => ({ value, pods: pods.length })),
  );
}
