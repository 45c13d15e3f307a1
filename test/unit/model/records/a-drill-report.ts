import type { DrillReport } from '../../../../src/model/records/drill-report.ts';

/** The report of a drill that passed within its target. */
export function aDrillReport(fields: Partial<DrillReport> = {}): DrillReport {
  return {
    formatVersion: 1,
    id: '20261130T001330Z',
    at: '2026-11-30T00:13:30.000Z',
    release: 'cart',
    namespace: 'shop',
    cluster: 'prod',
    backup: '20261129T001330Z',
    into: 'drill-cart-1a2b3c',
    madeNamespace: true,
    phases: [
      { name: 'read', seconds: 0.2 },
      { name: 'ready', seconds: 3 },
    ],
    seconds: 5.1,
    targetSeconds: 900,
    met: true,
    pods: { proved: 2, of: 2, inBackup: 3 },
    settings: 74,
    unproved: [],
    changed: [
      { what: 'service/cart', change: 'type ClusterIP instead of LoadBalancer' },
      { what: 'ingress.networking.k8s.io/cart', change: 'not made', left: true },
    ],
    onTop: ['fill the caches'],
    imagesPresent: true,
    outcome: 'passed',
    removed: true,
    tool: '1.0.0',
    ...fields,
  };
}
