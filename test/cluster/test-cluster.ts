export interface Helm {
  name: 'helm3' | 'helm4';
  path: string;
}

/** A cluster to test on, and the programs to reach it with. All paths are absolute. */
export interface TestCluster {
  kubeconfig: string;
  kubectl: string;
  helms: Helm[];
  images: { memcached: string; toolbox?: string };
  /** Not ours: it may hold other things, and no image can be loaded into it. */
  external: boolean;
  /** The Unix socket that leads to pods and Services, for `dial`; absent where only the cluster itself reaches them. */
  podNetwork?: string;
  /** The S3 server, where it was built. */
  versitygw?: string;
}
