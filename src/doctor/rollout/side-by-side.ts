import type { KubeObject } from '../../model/kubernetes/object.ts';
import type { PodSettings } from '../../model/records/backup-format.ts';
import { explicitSettings } from '../../model/settings/explicit-settings.ts';
import { settingsOfWorkload } from '../../model/settings/workload-settings.ts';
import { settingText } from '../../output/setting-text.ts';

/** One setting of a workload as each witness has it; undefined: it leaves it to memcached's default. */
export interface SettingSideBySide {
  /** A key of `stats settings`. */
  key: string;
  /** Helm's manifest; `absent` where there is none to ask. */
  release: string | undefined | 'absent';
  /** The live workload's template. */
  template: string | undefined;
  /** The pods' own arguments and env, each different value once. */
  told: (string | undefined)[];
  /** `stats settings`, each different value once; empty where no pod answered. */
  effective: string[];
}

/** Every setting that somebody names, from the release to the running server. */
export function sideBySide(
  manifest: KubeObject | undefined,
  workload: KubeObject,
  pods: readonly PodSettings[],
): SettingSideBySide[] {
  const release = manifest === undefined ? undefined : settingsOfWorkload(manifest);
  const template = settingsOfWorkload(workload);
  const told = pods.map((pod) => explicitSettings(pod));
  const perPod = new Set(told.flatMap((each) => [...each.perPod]));
  const keys = new Set([
    ...(release?.keys() ?? []),
    ...template.keys(),
    ...told.flatMap(({ settings }) => [...settings.keys()]),
  ]);
  return [...keys]
    .filter((key) => !perPod.has(key))
    .map((key) => ({
      key,
      release: release === undefined ? 'absent' : release.get(key),
      template: template.get(key),
      told: [...new Set(told.map(({ settings }) => settings.get(key)))],
      effective: [
        ...new Set(
          pods.flatMap(({ stats }) =>
            stats !== undefined && Object.hasOwn(stats, key) ? [stats[key]!] : [],
          ),
        ),
      ],
    }));
}

/** Between which witnesses a setting parts. */
export type Parting = 'release' | 'template' | 'pods';

/** Where a setting first parts: release and template, template and pods, or what pods were told and what they run with. */
export function partsAt({ release, template, told, effective }: SettingSideBySide): Parting | undefined {
  if (release !== 'absent' && release !== template) return 'release';
  if (told.some((value) => value !== template)) return 'template';
  // What nobody names is memcached's default, which differs between versions.
  if (template !== undefined && effective.some((value) => value !== template)) return 'pods';
  return undefined;
}

/** "maxconns: release 512, template 512, pods configured with 512, running with 1024" */
export function sideBySideText({ key, release, template, told, effective }: SettingSideBySide): string {
  const said = (value: string): string => settingText(key, value);
  const named = (value: string | undefined): string => (value === undefined ? 'default' : said(value));
  const witnesses = [
    ...(release === 'absent' ? [] : [`release ${named(release)}`]),
    `template ${named(template)}`,
    ...(told.length === 0 ? [] : [`pods configured with ${told.map(named).join(' and ')}`]),
    ...(effective.length === 0 ? [] : [`running with ${effective.map(said).join(' and ')}`]),
  ];
  return `${key}: ${witnesses.join(', ')}`;
}
