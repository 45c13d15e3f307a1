import { numberAt, objectAt, stringAt } from '../../model/json.ts';
import type { CachedPod } from './cached-pod.ts';
import { maxBytes, resourceOf } from './cached-pod.ts';
import { goodLimit, setResource } from './memory.ts';
import type { Signal } from './signal.ts';

/** A container's end is news for so long, milliseconds. */
export const RECENT_MS = 24 * 3600 * 1000;

/** Why memcached was started again: each start is an empty cache. */
export function judgeRestarts(pod: CachedPod, now: Date): Signal[] {
  const ended =
    objectAt(pod.status, 'state', 'terminated') ?? objectAt(pod.status, 'lastState', 'terminated');
  const restarts = numberAt(pod.status, 'restartCount') ?? 0;
  if (ended === undefined) return [];
  const at = stringAt(ended, 'finishedAt') ?? '';
  const reason = stringAt(ended, 'reason') ?? 'ended';
  const code = numberAt(ended, 'exitCode');
  const evidence = [
    { text: `${reason}, exit code ${code}, ${restarts} restarts in all`, ...(at === '' ? {} : { at }) },
  ];
  const isRecent = now.getTime() - Date.parse(at) < RECENT_MS;
  if (reason === 'OOMKilled' && isRecent) {
    const limit = resourceOf(pod, 'limits');
    return [
      {
        code: 'MB625',
        says: `it was killed for want of memory${limit === undefined ? '' : `: its limit is ${limit}`}`,
        evidence,
        fix: [setResource(pod, 'limits', 2 * goodLimit(maxBytes(pod)))],
      },
    ];
  }
  const { namespace, name } = pod.ref;
  const crashed = isRecent && code !== 0;
  return [
    {
      code: crashed ? 'MB626' : 'MB627',
      says: crashed ? 'memcached ended with an error and was started again' : 'memcached was started again',
      evidence,
      fix: crashed
        ? [`kubectl -n ${namespace} logs ${name} -c ${pod.seen.settings.container} --previous`]
        : [],
    },
  ];
}
