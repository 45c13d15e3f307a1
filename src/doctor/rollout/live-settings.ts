import type { Finding } from '../../model/findings/finding.ts';
import { displayName } from '../../model/kubernetes/object.ts';
import { explicitSettings } from '../../model/settings/explicit-settings.ts';
import { settingText } from '../../output/setting-text.ts';
import { finding } from '../catalogue.ts';
import { kubectlAt } from '../flag-command.ts';
import type { RolloutSubject } from './rollout-subject.ts';

/**
 * Pods whose memcached does not run with what their own arguments say: somebody changed the running server
 * (`cache_memlimit`, `verbosity`, `lru tune` …: memcached/doc/protocol.txt), or their entrypoint changes arguments.
 * What no argument names is a default, which differs between versions: not compared. Whoever did it may have meant it, for as long as an incident lasts: nothing is restarted
 * without being asked for.
 */
export function judgeLiveSettings({ workload, ref, settings, release }: RolloutSubject): Finding[] {
  const differing = settings.flatMap((pod) => {
    const { stats, name } = pod;
    if (stats === undefined) return [];
    return [...explicitSettings(pod).settings].flatMap(([key, told]) =>
      Object.hasOwn(stats, key) && stats[key] !== told
        ? [
            {
              name,
              text: `pod/${name}: ${key} is ${settingText(key, stats[key])}, its arguments say ${settingText(key, told)}`,
            },
          ]
        : [],
    );
  });
  if (differing.length === 0) return [];
  const pods = [...new Set(differing.map(({ name }) => name))];
  const many = pods.length === 1 ? '1 pod runs' : `${pods.length} pods run`;
  return [
    finding('MB522', {
      object: ref,
      release,
      summary: `${many} with other settings than its own arguments say`,
      evidence: differing.map(({ text }) => ({ text })),
      advice: [kubectlAt(workload, 'rollout', 'restart', displayName(ref))],
      about: pods.map((name) => ({ apiVersion: 'v1', kind: 'Pod', namespace: release.namespace, name })),
    }),
  ];
}
