import type { DrillChange, DrillReport } from '../model/records/drill-report.ts';

/** What a drill knows that says what it did not do. */
export type OnTopFacts = Pick<DrillReport, 'changed' | 'pods' | 'imagesPresent'>;

/** What a real recovery would do, or take, beyond the drill: a clause each. Pure. */
export function onTopOf({ changed, pods, imagesPresent }: OnTopFacts): string[] {
  const left = changed.filter((change) => change.left === true).map(({ what }) => what);
  const by = (pattern: RegExp): string[] => [
    ...new Set(changed.filter(({ change }) => pattern.test(change)).map(({ what }) => what)),
  ];
  const clouds = by(/instead of LoadBalancer/);
  const claims = [...by(/instead of (?:its claim|the persistentVolumeClaim)/), ...leftClaims(changed)];
  const missing = pods.inBackup - pods.of;
  return [
    ...(left.length === 0 ? [] : [`make what the drill left out: ${left.join(', ')}`]),
    ...(clouds.length === 0
      ? []
      : [`wait for the address that the cloud gives ${clouds.join(', ')}, and for DNS`]),
    ...(claims.length === 0 ? [] : [`wait for the volumes of ${[...new Set(claims)].join(', ')}`]),
    ...(missing > 0 ? [`start ${missing} more ${missing === 1 ? 'pod' : 'pods'}`] : []),
    ...(imagesPresent === true
      ? ['pull the images where a node has none: here they lay on the nodes already']
      : []),
    'fill the caches, which come back empty, while the database answers for them',
  ];
}

function leftClaims(changed: readonly DrillChange[]): string[] {
  return changed
    .filter(({ what, left }) => left && /^persistentvolumeclaim\//.test(what))
    .map(({ what }) => what);
}
