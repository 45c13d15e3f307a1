import type { Codes } from '../code.ts';

/** Codes of 60x are about answers, 61x connections, 62x memory, 63x and 64x items and traffic, 65x and 66x the surroundings. */
export const CACHE_CODES = {
  MB600: {
    severity: 'ok',
    title: 'The caches are in order',
    cause: 'Every pod that could be asked answers, and no signal is beyond its threshold.',
    evidence: 'Connections, memory and hits of the pods, from `stats` at two moments (`--interval`).',
    fix: 'Nothing to do.',
  },
  MB601: {
    severity: 'fail',
    title: 'A memcached pod does not answer',
    cause:
      'It hangs, listens on another port than its definition says, or is starved of CPU. Clients time out on it.',
    evidence:
      'The error of `version` and `stats` through port-forward, or that 5 s passed without an answer; of a pod that is ready or has been running for more than 30 s.',
    fix: 'Read its log, try by hand with `kubectl port-forward`, and restart the pod where it hangs.',
  },
  MB602: {
    severity: 'unknown',
    title: 'A memcached pod could not be asked',
    cause:
      'It wants a user and a password that can’t be told (-S; -Y whose file does not come from a Secret or ConfigMap), speaks TLS (-Z) or the binary protocol only (-B binary), or listens on a socket file (-s) or on its pod’s address alone (-l $(POD_IP)), or on a port that its definition does not tell (a script, a value from a Secret). That is no fault, but its signals can’t be read from here: `stats` answers after authentication only, so that `auth_errors`, which stays 0 without, can’t be judged anywhere.',
    evidence: 'Its arguments, and what it answered.',
    fix: 'Nothing to do; ask it with a client that has its credentials.',
  },
  MB604: {
    severity: 'warn',
    title: 'memcached answers slowly',
    cause:
      'The pod or its node is short of CPU, throttled or swapping. memcached itself answers in less than a millisecond.',
    evidence:
      'The time for `stats` on a connection that is open: more than 1000 ms. The way through the API server takes tens.',
    fix: 'Look at CPU usage and limits of the pod and its node; a CPU limit throttles all of memcached’s threads.',
  },
  MB610: {
    severity: 'fail',
    title: 'memcached refuses connections',
    cause: 'As many connections are open as -c allows. New clients get an error, or wait.',
    evidence:
      '`rejected_connections` (with maxconns_fast, the default) or `listen_disabled_num` (without) grew between two looks, or doctor’s own connection was refused.',
    fix: 'Raise -c, give clients a pool of connections, or close idle ones (-o idle_timeout). With Helm, set it in the release’s values as well, or the next upgrade takes it back.',
    hides: ['MB611', 'MB612', 'MB601'],
  },
  MB611: {
    severity: 'warn',
    title: 'Nearly all connections are in use',
    cause: 'Clients open more connections than was planned for, or never close them.',
    evidence:
      '`curr_connections` is more than 80 % of what is usable, max_connections - reserved_fds: memcached keeps some file descriptors for itself.',
    fix: 'Raise -c, or have clients pool their connections. With Helm, in the release’s values as well.',
    hides: ['MB612'],
  },
  MB612: {
    severity: 'note',
    title: 'Connections were refused once',
    cause: 'Since memcached started there was a time when all connections were in use.',
    evidence: '`rejected_connections` or `listen_disabled_num` is not 0, and did not grow between two looks.',
    fix: 'Nothing now; look again under load with a longer `--interval`.',
  },
  MB620: {
    severity: 'fail',
    title: 'The memory limit is too low for -m',
    cause:
      '-m counts items alone. Connection buffers, the hash table and the process come on top, so the kernel kills memcached when its cache is full.',
    evidence:
      'The container’s memory limit is below 1.05 × m + 16 MiB: a full cache of 512 MB was measured at 521 to 535 MB.',
    fix: 'Raise the limit or lower -m; with Helm, in the release’s values as well. Either restarts the pods.',
    hides: ['MB621', 'MB625', 'MB626', 'MB627', 'MB535'],
  },
  MB621: {
    severity: 'warn',
    title: 'The memory limit leaves little room beside -m',
    cause: 'Many connections, a large hash table or extstore need more than what is left beside the items.',
    evidence: 'The container’s memory limit is below 1.2 × m.',
    fix: 'Raise the limit to 1.2 × m at the next planned restart.',
    hides: ['MB625', 'MB626', 'MB627'],
  },
  MB622: {
    severity: 'warn',
    title: 'The cache uses more memory than it requests',
    cause:
      'When its node runs short of memory, the kubelet evicts pods that use more than they request first (Kubernetes, “Node-pressure Eviction”). The cache is then lost.',
    evidence: '`bytes`, what the items take, is more than the container’s memory request.',
    fix: 'Request at least -m.',
    hides: ['MB623'],
  },
  MB623: {
    severity: 'note',
    standing: true,
    title: 'The memory request is below -m',
    cause:
      'The scheduler reserves less for the pod than its cache may take once it is full. No fault before that: charts reserve little by default, and doctor warns (MB622) as soon as the items take more.',
    evidence: 'The container’s memory request, or its limit where there is none, is below -m.',
    fix: 'Request at least -m, before the cache is full.',
  },
  MB624: {
    severity: 'note',
    standing: true,
    title: 'No memory limit',
    cause: 'Nothing bounds what connections and a leak could take beside -m.',
    evidence: 'The container has no `resources.limits.memory`.',
    fix: 'A limit of 1.2 × m is enough for memcached.',
  },
  MB625: {
    severity: 'warn',
    title: 'memcached was killed for want of memory',
    cause: 'The container reached its memory limit. What it held is lost.',
    evidence: 'The container’s last end: reason OOMKilled, less than 24 hours ago.',
    fix: 'Twice the memory limit, or what -m needs where that is more; or lower -m or -c. Without a limit the node ran out: raise the request.',
    hides: ['MB535', 'MB534', 'MB601', 'MB611'],
  },
  MB626: {
    severity: 'warn',
    title: 'memcached ended with an error',
    cause:
      'It crashed, was stopped by a failing liveness probe, or refused its arguments. What it held is lost.',
    evidence:
      'The container’s last end: another exit code than 0, less than 24 hours ago. One that ended with its node (reason Unknown) has not failed.',
    fix: 'The log of its last run says why.',
  },
  MB627: {
    severity: 'note',
    title: 'memcached was started again',
    cause: 'Its container ended and was started again; the cache began empty.',
    evidence: 'The container’s `restartCount` and last end, more than 24 hours ago or with exit code 0.',
    fix: 'Nothing now.',
  },
  MB630: {
    severity: 'note',
    title: 'The cache is full',
    cause: 'Old items are dropped for new ones, as a cache does when it is full.',
    evidence: '`evictions` grew between two looks.',
    fix: 'Nothing, unless the hit ratio suffers: then raise -m.',
  },
  MB631: {
    severity: 'warn',
    title: 'Items are dropped before they were of use',
    cause: 'The cache is too small for what clients put into it, or they store what nobody reads.',
    evidence:
      'Ten evictions or more between two looks, and more than half of them of items never read (`evicted_unfetched`), or any of items in use (`evicted_active`). Source: memcached/doc/protocol.txt.',
    fix: 'Raise -m and the memory limit, or store less. With Helm, in the release’s values as well.',
    hides: ['MB635'],
  },
  MB632: {
    severity: 'fail',
    title: 'memcached refuses to store: out of memory',
    cause: 'Evictions are off (-M) and the cache is full, or no page is left for items of this size.',
    evidence: '`store_no_memory` grew between two looks.',
    fix: 'Raise -m and the memory limit, or allow evictions (without -M).',
    hides: ['MB635'],
  },
  MB633: {
    severity: 'warn',
    title: 'Items are too large',
    cause:
      'Clients store items that are larger than -I allows (1 MiB by default), and get an error each time.',
    evidence: '`store_too_large` grew between two looks.',
    fix: 'Raise -I (at most half of -m, which is raised first where it has to be), or have clients split or compress what they store.',
  },
  MB634: {
    severity: 'note',
    title: 'Items were refused once',
    cause: 'Since memcached started it has refused to store items, but not now.',
    evidence: '`store_no_memory` or `store_too_large` is not 0, and did not grow between two looks.',
    fix: 'Nothing now; look again under load with a longer `--interval`.',
  },
  MB635: {
    severity: 'warn',
    title: 'Most reads find nothing',
    cause:
      'The cache is too small, items expire too soon, keys changed with a release of the application, or clients spread keys over pods that don’t know them.',
    evidence:
      'Less than 50 % of at least 100 reads between two looks were hits. Not said while memcached runs for less than 10 minutes: a new cache is still filling.',
    fix: 'Look longer (`--interval 30s`), at evictions and at several pods behind one address.',
  },
  MB641: {
    severity: 'note',
    title: 'Clients are made to wait for their turn',
    cause: 'They send more requests at once than a connection’s turn takes (-R, 20 by default).',
    evidence: '`conn_yields` grew between two looks.',
    fix: 'Nothing, unless latency matters more than fairness: then raise -R.',
  },
  MB642: {
    severity: 'note',
    title: 'The hash table is growing',
    cause: 'There are more items than the table was made for; it is enlarged in the background.',
    evidence: '`hash_is_expanding` is 1.',
    fix: 'Nothing; `-o hashpower=N` starts with a larger one.',
  },
  MB650: {
    severity: 'warn',
    title: 'The cache is open to the outside without authentication',
    cause:
      'A Service of type LoadBalancer or NodePort, externalIPs, hostPort or hostNetwork make memcached reachable from outside the cluster, and neither a password, a client certificate nor a NetworkPolicy is in the way.',
    evidence: 'The Service or the pod’s network, the settings, and the NetworkPolicies that select the pods.',
    fix: 'Make the Service a ClusterIP, or let a NetworkPolicy name who may connect.',
    hides: ['MB651'],
  },
  MB651: {
    severity: 'note',
    standing: true,
    title: 'The cache is open inside the cluster network',
    cause:
      'There is no authentication by default. No NetworkPolicy restricts who connects, so any pod of the cluster can.',
    evidence: 'The settings, and the NetworkPolicies that select the pods.',
    fix: 'A NetworkPolicy that lets in the pods that use it, where other tenants share the cluster.',
  },
  MB652: {
    severity: 'warn',
    title: 'memcached answers over UDP',
    cause: 'It was told to (-U). A forged request of a few bytes makes it send many to somebody else.',
    evidence: '`udpport` is not 0. Off by default since memcached 1.5.6 (CVE-2018-1000115).',
    fix: 'Set -U 0.',
  },
  MB653: {
    severity: 'warn',
    title: 'Anybody can stop memcached',
    cause: 'The `shutdown` command is on (-A): whoever reaches memcached can end it, and the cache with it.',
    evidence: '`shutdown_command` is yes.',
    fix: 'Leave -A out.',
  },
  MB660: {
    severity: 'note',
    standing: true,
    title: 'Several caches behind one address',
    cause:
      'A Service with an address of its own spreads connections over pods that know nothing of each other: what one connection stores another one misses.',
    evidence: 'More than one pod, and a Service of memcached’s port that selects them and is not headless.',
    fix: 'Have clients hash keys over the pods’ own addresses: a headless Service (`clusterIP: None`), or mcrouter.',
  },
  MB661: {
    severity: 'warn',
    title: 'An autoscaler on memory',
    cause:
      'A memcached keeps the memory that it once took, so that an HPA on memory scales out when the cache fills and never in. Each new pod is an empty cache.',
    evidence: 'The HPA’s metrics hold the resource memory.',
    fix: 'Scale on CPU or connections, or not at all: raise -m instead.',
  },
} as const satisfies Codes;
