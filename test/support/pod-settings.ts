import type { PodSettings } from '../../src/model/records/backup-format.ts';

export const STATS = { maxbytes: '67108864', maxconns: '1024', verbosity: '0', inter: 'NULL', oldest: '0' };

/** A memcached pod of the Deployment "cart" that answered; `stats` are merged into those of 64 MB. */
export function podSettings(name: string, changes: Partial<PodSettings> = {}): PodSettings {
  return {
    name,
    workload: 'deployment.apps/cart',
    current: true,
    container: 'memcached',
    image: 'memcached:1.6.39',
    command: [],
    args: ['-m', '64', '-c', '1024'],
    env: [],
    ready: true,
    version: '1.6.39',
    ...changes,
    stats: { ...STATS, ...changes.stats },
  };
}

/** The same where the pod did not answer. */
export function silentPod(name: string, changes: Partial<PodSettings> = {}): PodSettings {
  const { stats: _stats, version: _version, ...known } = podSettings(name, changes);
  return { ...known, error: 'no answer within 5 s' };
}
