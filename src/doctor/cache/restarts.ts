import type { Command } from '../../advice/command.ts';
import { numberAt, objectAt, stringAt } from '../../model/json/json.ts';
import { kubectlAt } from '../flag-command.ts';
import type { CachedPod } from './cached-pod.ts';
import { maxBytes, memoryOf } from './cached-pod.ts';
import { goodLimit } from './memory.ts';
import { amountOf, raiseLimit, raiseRequest } from './more-memory.ts';
import type { Signal } from './signal.ts';

/** A container's end is news for so long, milliseconds. */
export const RECENT_MS = 24 * 3600 * 1000;

/** The kubelet was not there when it ended: its node was started anew (pkg/kubelet/kuberuntime, kubelet_pods.go). */
const LOST = new Set(['Unknown', 'ContainerStatusUnknown']);

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
    const limit = memoryOf(pod, 'limits');
    return [
      {
        code: 'MB625',
        says: `it was killed for want of memory${limit === undefined ? '' : `: its limit is ${limit}`}`,
        evidence,
        advice: roomAfterKill(pod),
      },
    ];
  }
  const { name } = pod.ref;
  const crashed = isRecent && code !== 0 && !LOST.has(reason);
  return [
    {
      code: crashed ? 'MB626' : 'MB627',
      says: crashed ? 'memcached ended with an error and was started again' : 'memcached was started again',
      evidence,
      advice: crashed
        ? [kubectlAt(pod.pod, 'logs', name, '-c', pod.seen.settings.container, '--previous')]
        : [],
    },
  ];
}

/** Twice what it had, or what -m needs. Without a limit the node ran out, which a request reckons with. */
function roomAfterKill(pod: CachedPod): Command[] {
  const [limit, request = 0] = [amountOf(pod, 'limits'), amountOf(pod, 'requests')];
  const need = goodLimit(maxBytes(pod));
  return limit === undefined
    ? raiseRequest(pod, Math.max(2 * request, need))
    : raiseLimit(pod, Math.max(2 * limit, need));
}
