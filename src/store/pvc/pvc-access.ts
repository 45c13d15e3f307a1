import type { KubeClient } from '../../kube/client.ts';

/** How a store on a claim of the cluster in use is reached. */
export interface PvcAccess {
  /** The cluster in use. */
  kube(): Promise<KubeClient>;
  /** This tool's image, as the cluster pulls it. */
  image: string;
  /** How a command that is advised names it: " --helper-image IMAGE"; "" where it would by itself. */
  imageFlags: readonly string[];
  /** Told how to end what was started in the cluster; done before the process ends. */
  atEnd(end: () => Promise<void>): void;
}
