import type { Command } from '../../advice/command.ts';
import { hitRatioOf } from '../../model/cache/cache-counters.ts';
import { kubectlAt } from '../flag-command.ts';
import { type CachedPod, gauge, growth, inInterval, isAnswering, setting } from './cached-pod.ts';
import type { Judge, Signal } from './signal.ts';

/** Below it most reads go to what the cache should shield. */
export const LOW_HIT_RATIO = 0.5;
/** Fewer reads in the interval say nothing. */
export const LEAST_READS = 100;
/** A younger cache is still filling, seconds. */
export const WARM_AFTER = 600;
/** memcached answers in less than a millisecond, the way through the API server takes tens. */
export const SLOW_MS = 1000;

/** How the pod serves its clients, by what happened between the two looks; lifetime ratios hide an incident. */
export function trafficJudge(lookLonger: (pod: CachedPod) => Command): Judge {
  return (pod) => {
    if (!isAnswering(pod)) return [];
    return [...judgeHits(pod, lookLonger(pod)), ...judgeAnswer(pod), ...judgeThreads(pod)];
  };
}

/** The share of reads that found something between the two looks; undefined where too few were read. */
export function hitRatio(pod: CachedPod): number | undefined {
  const [hits, misses] = [growth(pod, 'get_hits'), growth(pod, 'get_misses')];
  return hits + misses < LEAST_READS ? undefined : hitRatioOf({ hits, misses });
}

function judgeHits(pod: CachedPod, lookLonger: Command): Signal[] {
  const ratio = hitRatio(pod);
  const uptime = gauge(pod, 'uptime') ?? 0;
  if (ratio === undefined || ratio >= LOW_HIT_RATIO || uptime < WARM_AFTER) return [];
  return [
    {
      code: 'MB635',
      says: `only ${Math.round(100 * ratio)} % of reads find something`,
      evidence: [
        {
          text: `get_hits ${growth(pod, 'get_hits')}, get_misses ${inInterval(pod, growth(pod, 'get_misses'))}, after ${uptime} s of running`,
        },
      ],
      advice: [lookLonger],
    },
  ];
}

function judgeAnswer(pod: CachedPod): Signal[] {
  const { answerMs } = pod.seen;
  if (answerMs <= SLOW_MS) return [];
  return [
    {
      code: 'MB604',
      says: 'it answers slowly',
      evidence: [
        { text: `"stats" took ${Math.round(answerMs)} ms on an open connection (limit ${SLOW_MS} ms)` },
      ],
      advice: [kubectlAt(pod.pod, 'top', 'pod', pod.ref.name, '--containers')],
    },
  ];
}

function judgeThreads(pod: CachedPod): Signal[] {
  const signals: Signal[] = [];
  const yields = growth(pod, 'conn_yields');
  if (yields > 0) {
    signals.push({
      code: 'MB641',
      says: 'clients send more requests at once than a connection’s turn takes',
      evidence: [
        {
          text: `conn_yields ${inInterval(pod, yields)}; reqs_per_event ${setting(pod, 'reqs_per_event')} (-R)`,
        },
      ],
      advice: [],
    });
  }
  if (gauge(pod, 'hash_is_expanding') === 1) {
    signals.push({
      code: 'MB642',
      says: 'its hash table is growing',
      evidence: [{ text: `hash_is_expanding 1; hash_power_level ${gauge(pod, 'hash_power_level')}` }],
      advice: [],
    });
  }
  return signals;
}
