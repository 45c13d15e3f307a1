/**
 * What a run asks the cluster for, and what it may take (docs/performance.md). No limit on CPU: it would only make a run
 * longer.
 */
export const RUN_RESOURCES = {
  requests: { cpu: '50m', memory: '64Mi' },
  limits: { memory: '256Mi' },
};
