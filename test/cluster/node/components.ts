import { API_PORT, CONFIG, NODE_IP, NODE_NAME, PKI, SERVICE_NETWORK } from './plan.ts';

/** A daemon of the node: its name is that of its log. */
export interface Component {
  name: string;
  command: string[];
}

const ETCD = 'http://127.0.0.1:2379';
const ETCD_PEERS = 'http://127.0.0.1:2380';

export const containerd: Component = { name: 'containerd', command: ['containerd'] };

/** Nothing is synced to disk: the cluster's life ends with its processes. */
export const etcd: Component = {
  name: 'etcd',
  command: [
    'etcd',
    '--data-dir=/var/lib/etcd',
    `--listen-client-urls=${ETCD}`,
    `--advertise-client-urls=${ETCD}`,
    `--listen-peer-urls=${ETCD_PEERS}`,
    `--initial-advertise-peer-urls=${ETCD_PEERS}`,
    `--initial-cluster=default=${ETCD_PEERS}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ],
};

export const apiServer: Component = {
  name: 'kube-apiserver',
  command: [
    'kube-apiserver',
    `--etcd-servers=${ETCD}`,
    `--secure-port=${API_PORT}`,
    `--advertise-address=${NODE_IP}`,
    `--service-cluster-ip-range=${SERVICE_NETWORK}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--client-ca-file=${PKI}/ca.crt`,
    `--tls-cert-file=${PKI}/apiserver.crt`,
    `--tls-private-key-file=${PKI}/apiserver.key`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${PKI}/sa.pub`,
    `--service-account-signing-key-file=${PKI}/sa.key`,
    `--kubelet-client-certificate=${PKI}/admin.crt`,
    `--kubelet-client-key=${PKI}/admin.key`,
    `--kubelet-certificate-authority=${PKI}/ca.crt`,
    '--kubelet-preferred-address-types=InternalIP',
  ],
};

/** What needs the API server. */
export const clients: Component[] = [
  {
    name: 'kube-controller-manager',
    command: [
      'kube-controller-manager',
      `--kubeconfig=${CONFIG}/controller-manager.kubeconfig`,
      '--use-service-account-credentials',
      `--service-account-private-key-file=${PKI}/sa.key`,
      `--root-ca-file=${PKI}/ca.crt`,
      `--cluster-signing-cert-file=${PKI}/ca.crt`,
      `--cluster-signing-key-file=${PKI}/ca.key`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      '--enable-hostpath-provisioner=true',
      '--flex-volume-plugin-dir=/var/lib/kubelet/volume-plugins',
      // The default of 20 requests a second is what makes deleting namespaces slow.
      '--kube-api-qps=200',
      '--kube-api-burst=400',
      // A busy machine must not look like a dead node.
      '--node-monitor-grace-period=10m',
    ],
  },
  {
    name: 'kube-scheduler',
    command: [
      'kube-scheduler',
      `--kubeconfig=${CONFIG}/scheduler.kubeconfig`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
    ],
  },
  {
    name: 'kubelet',
    command: [
      'kubelet',
      `--config=${CONFIG}/kubelet.yaml`,
      `--kubeconfig=${CONFIG}/node.kubeconfig`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${NODE_IP}`,
    ],
  },
  { name: 'kube-proxy', command: ['kube-proxy', `--config=${CONFIG}/proxy.yaml`] },
];
