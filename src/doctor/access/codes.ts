import type { Codes } from '../code.ts';

export const ACCESS_CODES = {
  MB100: {
    severity: 'ok',
    title: 'The cluster can be reached',
    cause: 'The API server answers, and you may do what the commands need.',
    evidence: 'The version it answers with.',
    fix: 'Nothing to do.',
  },
  MB101: {
    severity: 'fail',
    title: 'The API server can’t be reached',
    cause:
      'The address in the kubeconfig is wrong, the cluster is down, a VPN or a firewall is in the way, or the credentials were refused.',
    evidence:
      'The error of the first request (`GET /version`). Exit code 4: nothing else in the cluster could be looked at.',
    fix: 'Try `kubectl cluster-info` with the same context; the error says which address was tried.',
  },
  MB190: {
    severity: 'unknown',
    title: 'Something may not be read',
    cause: 'A permission is missing, so that what it would show could not be judged.',
    evidence: 'The API server’s own refusal, with verb and resource.',
    fix: 'Have it granted: `permissions backup -o yaml --for user:NAME` prints a Role.',
  },
  MB191: {
    severity: 'unknown',
    title: 'Something could not be read',
    cause: 'The API server failed or did not answer in time on this request, while it answered others.',
    evidence: 'Its error, or the time that was waited.',
    fix: 'Run doctor again; if it stays so, look at the API server’s logs and at the aggregated APIs (`kubectl get apiservices`).',
  },
} as const satisfies Codes;
