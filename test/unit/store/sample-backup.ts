import type { BackupDocument } from '../../../src/model/records/backup-format.ts';
import type { BackupAddress, BackupContent, Store } from '../../../src/store/store.ts';

export const ADDRESS: BackupAddress = {
  cluster: '3f6c2a10',
  namespace: 'shop',
  release: 'cart',
  id: '20261122T101500Z',
};

/** A document with every optional field, for `address`. */
export function sampleDocument(
  address: Partial<BackupAddress> = {},
  overrides: Partial<BackupDocument> = {},
): BackupDocument {
  const { cluster, namespace, release, id } = { ...ADDRESS, ...address };
  return {
    formatVersion: 1,
    kind: 'backup',
    id,
    tool: { name: 'memcached-backup', version: '0.1.0' },
    cluster: {
      name: cluster,
      uid: '3f6c2a10-0f5e-4d57-9a3b-5b1d7f6f2a11',
      caDigest: 'ab'.repeat(32),
      serverVersion: 'v1.34.4',
      context: 'prod',
    },
    namespace: { name: namespace, labels: { team: 'shop' }, annotations: { note: 'a "note"' } },
    release,
    helm: {
      driver: 'secret',
      revision: 4,
      status: 'deployed',
      chart: { name: 'memcached', version: '1.2.3', appVersion: '1.6.39' },
      revisions: [1, 2, 3, 4],
    },
    startedAt: '2026-11-22T10:15:00.123Z',
    durationMs: 212,
    health: { podsReady: 2, podsWanted: 2, releaseStatus: 'deployed', drift: [] },
    settings: { verdict: 'agree', podsAnswered: 2, podsAsked: 2, differing: [] },
    complete: true,
    skipped: [
      {
        what: 'secrets',
        why: 'forbidden',
        permission: { verb: 'list', group: '', resource: 'secrets', namespace },
      },
    ],
    objects: [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: 'cart-memcached',
        namespace,
        role: 'owned',
        from: 'manifest',
        raw: 'raw/deployment.apps-cart-memcached.json',
        manifest: 'manifests/deployment.apps-cart-memcached.yaml',
      },
    ],
    files: [],
    ...overrides,
  };
}

/** Files as a backup has them: small, in several folders, one of them nested. */
export const SAMPLE_FILES: Record<string, string> = {
  'manifests/deployment.apps-cart-memcached.yaml': 'kind: Deployment\n',
  'raw/deployment.apps-cart-memcached.json': '{"kind":"Deployment"}\n',
  'helm/values.yaml': 'replicas: 2\n',
  'helm/chart/templates/deployment.yaml': '{{ .Values }}\n',
  'settings.json': '{"pods":[]}\n',
  'RUNBOOK.md': '# By hand\n',
};

/** {@link SAMPLE_FILES}, or others, with a document. */
export function sampleContent(
  files: Record<string, string | Uint8Array> = SAMPLE_FILES,
  document = sampleDocument(),
): BackupContent {
  return { files: Object.entries(files).map(([path, content]) => ({ path, content })), document };
}

/** Saves a whole backup and returns where it is. */
export async function writeSample(
  store: Store,
  address: Partial<BackupAddress> = {},
  overrides: Partial<BackupDocument> = {},
): Promise<BackupAddress & { location: string; digest: string }> {
  const content = sampleContent(SAMPLE_FILES, sampleDocument(address, overrides));
  const saved = await store.save({ ...ADDRESS, ...address }, content);
  return { ...saved.address, location: saved.location, digest: saved.digest };
}
