/** What the launcher tells the supervisor: everything it may not look up itself once it is in its own root. */
export interface NodePlan {
  state: string;
  cgroup: string;
  /** Of Kubernetes 1. */
  minor: number;
  /** The API server's address outside the box, for the kubeconfig. */
  server: string;
  packagesRoot: string;
  kubernetes: string;
  etcd: string;
  imagesFolder: string;
}

/** Addresses inside the box. It has its own network: they can't collide with this machine's. */
export const NODE_IP = '10.99.0.1';
export const POD_NETWORK = '10.88.0.0/16';
export const SERVICE_NETWORK = '10.96.0.0/16';
export const FIRST_SERVICE_IP = '10.96.0.1';
export const API_PORT = 6443;
export const NODE_NAME = 'node1';

/** Folders inside the box. */
export const PKI = '/etc/kubernetes/pki';
export const CONFIG = '/etc/kubernetes';
export const STATE = '/state';
/** In the state folder, inside and outside. */
export const POD_NETWORK_SOCKET = 'pods.sock';
export const ADMIN_KUBECONFIG = `${CONFIG}/admin.kubeconfig`;
export const BOX_PATH = '/opt/iptables:/opt/kubernetes:/opt/etcd:/usr/sbin:/usr/bin:/opt/busybox';
