import { arrayAt, objectAt, stringAt } from '../json/json.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { podTemplateOf } from '../kubernetes/workload.ts';
import { explicitSettings } from './explicit-settings.ts';
import { memcachedContainer } from './memcached-container.ts';
import { describeEnv } from './pod-settings.ts';

/** What a workload's own definition asks of memcached. */
export function settingsOfWorkload(workload: KubeObject): Map<string, string> {
  const found = memcachedContainer(objectAt(podTemplateOf(workload), 'spec') ?? {});
  if (found === undefined) return new Map();
  const { container } = found;
  return explicitSettings({
    image: stringAt(container, 'image') ?? '',
    command: arrayAt(container, 'command').map(String),
    args: arrayAt(container, 'args').map(String),
    env: arrayAt(container, 'env').map(describeEnv),
  }).settings;
}
