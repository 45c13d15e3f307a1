import type { Codes } from '../code.ts';

export const ACCESS_CODES = {
  MB100: {
    severity: 'ok',
    title: 'The cluster can be reached',
    cause:
      'The API server answers, clocks and certificates are in order, and you may do what the commands need.',
    evidence: 'Its address and version.',
    fix: 'Nothing to do.',
  },
  MB101: {
    severity: 'fail',
    title: 'The API server can’t be reached',
    cause:
      'The address in the kubeconfig is wrong, the cluster is down, or a VPN or a firewall is in the way.',
    evidence:
      'The error of the first request (`GET /version`). Exit code 4: nothing else in the cluster could be looked at.',
    fix: '`kubectl config view --minify` says which server the context names; the error, which address was tried.',
  },
  MB102: {
    severity: 'fail',
    title: 'The credentials were refused',
    cause: 'A client certificate or token has ended or was revoked, or belongs to another cluster.',
    evidence: 'The API server’s answer 401, and the end of the certificate or token where it can be told.',
    fix: 'Log in again, or take a fresh kubeconfig: `kubectl config view --minify` says which user the context names, and `kubectl auth whoami` whether it works.',
  },
  MB103: {
    severity: 'warn',
    title: 'Your credentials end soon',
    cause:
      'The client certificate or token in the kubeconfig ends within 14 days (kubeadm’s client certificates live a year). What an exec plugin or a token file renews by itself is not counted.',
    evidence: '`notAfter` of the client certificate, or `exp` of the token.',
    fix: 'Renew it: `kubeadm certs renew admin.conf`, or ask whoever gave you the kubeconfig.',
  },
  MB104: {
    severity: 'warn',
    title: 'The API server’s certificate ends soon',
    cause: 'The serving certificate ends within 14 days; afterwards no client connects any more.',
    evidence: '`notAfter` of the certificate that the server showed.',
    fix: 'Renew it: `kubeadm certs renew apiserver` on the control plane, or by your provider’s way.',
  },
  MB105: {
    severity: 'warn',
    title: 'The clocks differ',
    cause:
      'This machine’s clock and the API server’s are more than 5 seconds apart. A restore keeps others away by a Lease of 15 seconds, and backups are named by time.',
    evidence: 'The `Date` header of an answer, and this machine’s time when it came.',
    fix: 'Let both follow NTP: `timedatectl status`.',
  },
  MB106: {
    severity: 'fail',
    title: 'The API server is too old',
    cause:
      'It does not serve autoscaling/v2, which came with Kubernetes 1.23: backups would lack autoscalers.',
    evidence: '`gitVersion` of /version.',
    fix: 'Upgrade the cluster, or use kubectl and helm by hand.',
  },
  MB107: {
    severity: 'warn',
    title: 'A kubelet’s version does not fit the API server’s',
    cause:
      'Kubernetes supports kubelets of the API server’s version and up to three minor versions older, never newer ones (Version Skew Policy); exec, logs and port-forward go through the kubelet.',
    evidence: '`status.nodeInfo.kubeletVersion` of the node.',
    fix: 'Upgrade the older of the two.',
  },
  MB110: {
    severity: 'warn',
    title: 'You may not back up',
    cause:
      'You lack a permission that `backup` and `diff` need: a backup would be incomplete (exit code 5). `verify`, `status` and `doctor` read the same and do without, saying what they could not see; `list` and `show` read the store alone.',
    evidence: 'Each missing verb and resource, from SelfSubjectRulesReview or SelfSubjectAccessReview.',
    fix: '`permissions backup -o yaml --for user:NAME` prints the Role.',
  },
  MB111: {
    severity: 'warn',
    title: 'You may not restore, nor undo',
    cause:
      'You lack a permission that a restore of what this release holds now would need: it would be refused before its first write. `undo` takes the same permissions and no others.',
    evidence: 'Each missing verb and resource beyond what a backup needs.',
    fix: '`permissions restore RELEASE@ID -o yaml --for user:NAME` prints the Role, from a backup.',
    hides: ['MB470'],
  },
  MB120: {
    severity: 'fail',
    title: 'The backup’s service account lacks a permission',
    cause:
      'The service account of a backup CronJob may not read what its container reads: the backup fails, or, with a script that does not stop at errors, saves nothing.',
    evidence:
      'Each missing verb and resource: from SubjectAccessReview, or, where you may not ask that, computed from the Roles and bindings that can be read (what those that can’t be read may give it, a finding of its own says: MB191).',
    fix: 'Add the missing rule to its Role; where others are bound to that too, give it a Role of its own.',
    fixable: true,
    hides: ['MB246', 'MB250'],
  },
  MB190: {
    severity: 'unknown',
    title: 'Something may not be read',
    cause: 'A permission is missing, so that what it would show could not be judged.',
    evidence: 'The API server’s own refusals, with verb and resource.',
    fix: 'Have it granted: `permissions doctor -o yaml --for user:NAME` prints a Role.',
  },
  MB191: {
    severity: 'unknown',
    title: 'Something could not be read',
    cause:
      'The API server failed or did not answer in time on this request, while it answered others; or doctor itself failed, which costs the one area that it names.',
    evidence: 'Its error, or the time that was waited.',
    fix: 'Run doctor again; if it stays so, look at the API server’s logs and at the aggregated APIs (`kubectl get apiservices`).',
  },
} as const satisfies Codes;
