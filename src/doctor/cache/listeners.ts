import { dropFlag, setFlag } from '../flag-command.ts';
import { type CachedPod, setting } from './cached-pod.ts';
import type { Signal } from './signal.ts';

/** Settings that let a stranger do more than read and write. */
export function judgeListeners(pod: CachedPod): Signal[] {
  const signals: Signal[] = [];
  const { container } = pod.seen.settings;
  const udp = Number(setting(pod, 'udpport') ?? 0);
  if (udp > 0) {
    signals.push({
      code: 'MB652',
      says: 'it answers over UDP, which is used to amplify attacks on others',
      evidence: [{ text: `udpport ${udp} (off by default since 1.5.6, CVE-2018-1000115)` }],
      advice: [setFlag(pod.workload, container, '-U', '0')],
    });
  }
  if (setting(pod, 'shutdown_command') === 'yes') {
    signals.push({
      code: 'MB653',
      says: 'whoever reaches it can stop it',
      evidence: [{ text: 'shutdown_command yes (-A)' }],
      advice: [dropFlag(pod.workload, container, '-A')],
    });
  }
  return signals;
}
