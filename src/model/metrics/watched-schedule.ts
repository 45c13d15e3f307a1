import { arrayAt, objectAt, stringAt } from '../json/json.ts';
import { type KubeObject, refOf } from '../kubernetes/object.ts';
import { podTemplateOf } from '../kubernetes/workload.ts';

/** A CronJob that takes backups, as alerts watch it. */
export interface WatchedSchedule {
  namespace: string;
  /** The CronJob's name. */
  name: string;
  /** Claims of its namespace that its pods mount. */
  claims: string[];
  /** The CronJob of its drills; absent where it holds none. */
  drills?: string;
}

export function watchedSchedule(cronJob: KubeObject): WatchedSchedule {
  const { namespace = '', name } = refOf(cronJob);
  const claims = arrayAt(objectAt(podTemplateOf(cronJob), 'spec'), 'volumes').flatMap(
    (volume) => stringAt(volume, 'persistentVolumeClaim', 'claimName') ?? [],
  );
  return { namespace, name, claims: [...new Set(claims)] };
}
