import type { KubeClient } from '../kube/client.ts';
import type { BackupDocument } from '../model/backup.ts';

/** Set by the API server itself on every namespace. */
const SERVER_LABEL = 'kubernetes.io/metadata.name';

/** Creates the namespace with the labels and annotations that it had at the backup. */
export async function createNamespace(
  kube: KubeClient,
  namespace: BackupDocument['namespace'],
): Promise<void> {
  const { [SERVER_LABEL]: _server, ...labels } = namespace.labels;
  await kube.create(
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace.name, labels, annotations: { ...namespace.annotations } },
    },
    { fieldManager: 'memcached-backup' },
  );
}
