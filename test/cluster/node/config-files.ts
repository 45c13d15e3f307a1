import { PAUSE_IMAGE } from '../build/images.ts';
import { CONFIG, NODE_IP, NODE_NAME, type NodePlan, PKI, POD_NETWORK } from './plan.ts';

const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

/** The components' configuration files, by path inside the box. JSON is YAML, and needs no library. */
export function configFiles(plan: Pick<NodePlan, 'cgroup' | 'minor'>): Record<string, string> {
  return {
    '/etc/containerd/config.toml': CONTAINERD,
    '/etc/containerd/certs.d/_default/hosts.toml': NO_REGISTRY,
    '/etc/cni/net.d/10-pods.conflist': JSON.stringify(POD_NETWORK_PLUGINS),
    [`${CONFIG}/kubelet.yaml`]: JSON.stringify(kubelet(plan)),
    [`${CONFIG}/proxy.yaml`]: JSON.stringify(PROXY),
  };
}

// restrict_oom_score_adj: where this machine may not lower an oom_score_adj, runc fails with "can't get final
// child's PID from pipe: EOF" unless containerd clamps what the kubelet asks for.
const CONTAINERD = `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
    BinaryName = "crun"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
`;

// Every registry is a closed port of this machine: a wrong image is ErrImagePull at once, as a user would see it.
const NO_REGISTRY = `server = "http://127.0.0.1:1"
[host."http://127.0.0.1:1"]
  capabilities = ["pull", "resolve"]
`;

// No "portmap", and so no hostPort of a pod: it would ask iptables of each pod that goes whether it had one, a sixth of
// what a pod costs this machine from its start to its end.
const POD_NETWORK_PLUGINS = {
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'mbcni0',
      isGateway: true,
      ipMasq: false,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: POD_NETWORK }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
  ],
};

function kubelet({ cgroup, minor }: Pick<NodePlan, 'cgroup' | 'minor'>): unknown {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    // Known since 1.31; a kubelet refuses what it does not know.
    ...(minor < 31 ? {} : { failCgroupV1: false }),
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${PKI}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${PKI}/node.crt`,
    tlsPrivateKeyFile: `${PKI}/node.key`,
    // Nothing is evicted and no image collected, however full this machine's disk and memory are.
    evictionHard: {
      'memory.available': '0%',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
    },
    imageGCHighThresholdPercent: 100,
    localStorageCapacityIsolation: false,
    maxPods: 250,
    // A busy machine must not look like a dead node.
    nodeLeaseDurationSeconds: 600,
    // Events are what tests read. 0 is no "unlimited": the client takes its own default of 5 a second then, and
    // many pods at once make an event minutes late.
    eventRecordQPS: 500,
    eventBurst: 1000,
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    // There is no cluster DNS. Naming the node, whose port 53 is closed, avoids MissingClusterDNS warnings, and
    // look-ups fail at once instead of after seconds.
    clusterDNS: [NODE_IP],
    clusterDomain: 'cluster.local',
  };
}

const PROXY = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'iptables',
  clientConnection: { kubeconfig: `${CONFIG}/proxy.kubeconfig` },
  hostnameOverride: NODE_NAME,
  // The table's size belongs to the whole machine, not to the box's network.
  conntrack: { maxPerCore: 0 },
  healthzBindAddress: '127.0.0.1:10256',
  metricsBindAddress: '127.0.0.1:10249',
};
