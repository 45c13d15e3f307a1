import type { Command } from '../../advice/command.ts';
import { MemcachedError } from '../../memcached/memcached-error.ts';
import { setFlag } from '../flag-command.ts';
import { type CachedPod, gauge, growth, inInterval, isAnswering, setting } from './cached-pod.ts';
import type { Signal } from './signal.ts';

/** Share of the usable connections from which on it is too close: a burst of clients must fit into the rest. */
export const CONNECTIONS_NEAR = 0.8;

/**
 * Connections against -c, which counts file descriptors (memcached.c, drive_machine: sfd >= maxconns - 1), those
 * that memcached keeps for itself too: usable are about max_connections - reserved_fds. Beyond, it answers "ERROR
 * Too many open connections" (maxconns_fast, rejected_connections) or lets clients wait (no_maxconns_fast,
 * listen_disabled_num).
 */
export function judgeConnections(pod: CachedPod): Signal[] {
  const { cause } = pod.seen;
  if (cause instanceof MemcachedError && cause.reason === 'busy') {
    return [refused(pod, { text: cause.message })];
  }
  if (!isAnswering(pod)) return [];
  const refusals = growth(pod, 'rejected_connections') + growth(pod, 'listen_disabled_num');
  const use = connectionUse(pod);
  const usage = use === undefined ? '' : `; ${use.current} of ${use.usable} usable connections are open`;
  if (refusals > 0) {
    return [
      refused(pod, { text: `connections refused or kept waiting: ${inInterval(pod, refusals)}${usage}` }),
    ];
  }
  const signals: Signal[] = [];
  if (use !== undefined && use.current > CONNECTIONS_NEAR * use.usable) {
    signals.push({
      code: 'MB611',
      says: `${Math.round((100 * use.current) / use.usable)} % of its usable connections are open`,
      evidence: [
        {
          text: `curr_connections ${use.current} of ${use.usable} (max_connections ${use.max} - reserved_fds ${use.reserved})`,
        },
      ],
      advice: raise(pod),
    });
  }
  const before = (gauge(pod, 'rejected_connections') ?? 0) + (gauge(pod, 'listen_disabled_num') ?? 0);
  if (before > 0) {
    signals.push({
      code: 'MB612',
      says: 'it has refused connections since it started',
      evidence: [
        {
          text: `rejected_connections ${gauge(pod, 'rejected_connections') ?? 0}, listen_disabled_num ${gauge(pod, 'listen_disabled_num') ?? 0} in ${gauge(pod, 'uptime') ?? '?'} s; none in the last ${pod.seen.seconds.toFixed(1)} s`,
        },
      ],
      advice: [],
    });
  }
  return signals;
}

export function connectionUse(
  pod: Pick<CachedPod, 'seen'>,
): { current: number; usable: number; max: number; reserved: number } | undefined {
  const current = gauge(pod, 'curr_connections');
  const max = gauge(pod, 'max_connections') ?? Number(setting(pod, 'maxconns') ?? Number.NaN);
  const reserved = gauge(pod, 'reserved_fds') ?? 0;
  if (current === undefined || !(max > reserved)) return undefined;
  return { current, usable: max - reserved, max, reserved };
}

function refused(pod: CachedPod, evidence: { text: string }): Signal {
  return {
    code: 'MB610',
    says: 'it refuses connections: all that -c allows are open',
    evidence: [evidence],
    advice: raise(pod),
  };
}

function raise(pod: CachedPod): Command[] {
  const max = gauge(pod, 'max_connections') ?? Number(setting(pod, 'maxconns') ?? 1024);
  return [setFlag(pod.workload, pod.seen.settings.container, '-c', String(2 * max))];
}
