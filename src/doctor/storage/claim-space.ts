import type { Finding } from '../../model/findings/finding.ts';
import { arrayAt, type JsonObject, numberAt, stringAt } from '../../model/json/json.ts';
import { formatBytes } from '../../output/byte-size.ts';
import type { ClaimUse } from './claims.ts';
import { describeClaim, ofClaim } from './of-claim.ts';

/** Parts that have to be free; the lower one is that of kubernetes-mixin's KubePersistentVolumeFillingUp. */
const NEARLY_FULL = 0.1;
const FULL = 0.03;

/**
 * How full a claim's volume is, as the kubelet measures it (kubelet Summary API, VolumeStats).
 * @param summaries `/stats/summary` of the nodes whose pods mount it. A kind of volume that is not measured is
 *   not in them.
 */
export function judgeSpace(use: ClaimUse, summaries: readonly JsonObject[]): Finding[] {
  const volume = summaries
    .flatMap((summary) => arrayAt(summary, 'pods'))
    .flatMap((pod) => arrayAt(pod, 'volume'))
    .find(
      (candidate) =>
        stringAt(candidate, 'pvcRef', 'name') === use.ref.name &&
        stringAt(candidate, 'pvcRef', 'namespace') === use.ref.namespace,
    );
  const parts = [
    partOf(numberAt(volume, 'availableBytes'), numberAt(volume, 'capacityBytes'), formatBytes, 'bytes'),
    partOf(numberAt(volume, 'inodesFree'), numberAt(volume, 'inodes'), String, 'inodes'),
  ].filter((part) => part !== undefined);
  const tightest = parts.sort((a, b) => a.free - b.free)[0];
  if (tightest === undefined || tightest.free >= NEARLY_FULL) return [];
  const isFull = tightest.free < FULL;
  return [
    ofClaim(isFull ? 'MB321' : 'MB320', use, {
      summary: `its volume is ${isFull ? 'full' : 'nearly full'}`,
      evidence: [{ text: tightest.text }],
      advice: [describeClaim(use)],
    }),
  ];
}

function partOf(
  free: number | undefined,
  all: number | undefined,
  shown: (amount: number) => string,
  what: string,
): { free: number; text: string } | undefined {
  if (free === undefined || all === undefined || all === 0) return undefined;
  const percent = Math.floor((free / all) * 100);
  return { free: free / all, text: `${shown(free)} of ${shown(all)} ${what} free, ${percent} %` };
}
