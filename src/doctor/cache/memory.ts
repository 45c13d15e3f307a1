import { parseQuantity } from '../../model/kubernetes/quantity.ts';
import { type CachedPod, gauge, maxBytes, memoryOf } from './cached-pod.ts';
import { raiseLimit, raiseRequest } from './more-memory.ts';
import type { Signal } from './signal.ts';

const MIB = 2 ** 20;

/** Below it memcached is killed as soon as its cache is full: a full 512 MB cache was measured at 521 to 535 MB. */
export function leastLimit(bytes: number): number {
  return 1.05 * bytes + 16 * MIB;
}

/** Above it there is room for connection buffers, the hash table and a slab's rounding. */
export function goodLimit(bytes: number): number {
  return Math.max(1.2 * bytes, leastLimit(bytes));
}

/**
 * The container's memory limit and request against -m, which counts items alone: connections, the hash table
 * and the process itself come on top (memcached wiki, "ServerMaint": memory overhead).
 */
export function judgeMemory(pod: CachedPod): Signal[] {
  return [...judgeLimit(pod), ...judgeRequest(pod)];
}

function judgeLimit(pod: CachedPod): Signal[] {
  const bytes = maxBytes(pod);
  const written = memoryOf(pod, 'limits');
  const limit = parseQuantity(written ?? '');
  if (limit === undefined) {
    return [
      {
        code: 'MB624',
        says: 'no memory limit: a leak or a flood of connections would be the node’s problem',
        evidence: [{ text: `resources.limits.memory is not set; -m is ${mebibytes(bytes)}` }],
        advice: [],
      },
    ];
  }
  if (limit >= goodLimit(bytes)) return [];
  const fails = limit < leastLimit(bytes);
  return [
    {
      code: fails ? 'MB620' : 'MB621',
      says: fails
        ? 'it will be killed when its cache is full: its memory limit is too low for -m'
        : 'its memory limit leaves little room beside -m',
      evidence: [
        {
          text: `limit ${written}, -m ${mebibytes(bytes)}: at least ${mebibytes(leastLimit(bytes))} is needed (1.05 × m + 16 MiB), ${mebibytes(goodLimit(bytes))} is good (1.2 × m)`,
        },
      ],
      advice: raiseLimit(pod, goodLimit(bytes)),
    },
  ];
}

/** The kubelet evicts pods that use more than they request first (Kubernetes, "Node-pressure Eviction"). */
function judgeRequest(pod: CachedPod): Signal[] {
  const bytes = maxBytes(pod);
  const written = memoryOf(pod, 'requests') ?? memoryOf(pod, 'limits');
  const request = parseQuantity(written ?? '0') ?? 0;
  if (request >= bytes) return [];
  const used = gauge(pod, 'bytes') ?? 0;
  const over = used > request;
  return [
    {
      code: over ? 'MB622' : 'MB623',
      says: over
        ? 'its items take more memory than it requests: it goes first when the node runs short'
        : 'its memory request is below -m',
      evidence: [
        { text: `request ${written ?? 'none'}, -m ${mebibytes(bytes)}, items take ${mebibytes(used)}` },
      ],
      advice: over ? raiseRequest(pod, goodLimit(bytes)) : [],
    },
  ];
}

/** "64 MiB"; "0.3 MiB" */
export function mebibytes(bytes: number): string {
  const amount = bytes / MIB;
  return `${amount >= 10 || Number.isInteger(amount) ? Math.round(amount) : amount.toFixed(1)} MiB`;
}
