import {
  decodeRevision,
  encodeRelease,
  type HelmDriver,
  type HelmRevision,
  type HelmStatus,
} from '../../src/model/helm/helm-release.ts';
import type { Json, JsonObject } from '../../src/model/json/json.ts';
import { toYaml } from '../../src/model/json/yaml.ts';
import type { KubeObject } from '../../src/model/kubernetes/object.ts';
import { NAMESPACE } from './objects.ts';

export interface RevisionOptions {
  release?: string;
  driver?: HelmDriver;
  /** Manifest text, or the objects that it names. */
  manifest?: string | KubeObject[];
  hooks?: { name: string; kind: string; manifest: string | KubeObject; events?: string[] }[];
  config?: JsonObject;
  chart?: JsonObject;
  description?: string;
  deployedAt?: string;
  /** More fields of the release document. */
  document?: JsonObject;
}

/** A revision as Helm stores it: a record that was written and read again. */
export function aRevision(revision: number, status: HelmStatus, options: RevisionOptions = {}): HelmRevision {
  return decodeRevision(aRecord(revision, status, options));
}

export function aRecord(revision: number, status: HelmStatus, options: RevisionOptions = {}): KubeObject {
  const { release = 'cart', driver = 'secret' } = options;
  return {
    apiVersion: 'v1',
    kind: driver === 'secret' ? 'Secret' : 'ConfigMap',
    metadata: {
      name: `sh.helm.release.v1.${release}.v${revision}`,
      namespace: NAMESPACE,
      uid: `uid-of-revision-${revision}`,
      resourceVersion: String(revision),
      labels: { name: release, owner: 'helm', status, version: String(revision), modifiedAt: '1795342500' },
    },
    ...(driver === 'secret' ? { type: 'helm.sh/release.v1' } : {}),
    data: { release: encodeRelease(releaseDocument(revision, status, options), driver) },
  };
}

function releaseDocument(revision: number, status: HelmStatus, options: RevisionOptions): JsonObject {
  return {
    name: options.release ?? 'cart',
    namespace: NAMESPACE,
    version: revision,
    info: {
      first_deployed: '2026-11-20T08:00:00.123456789+01:00',
      last_deployed: options.deployedAt ?? '2026-11-22T08:00:00.123456789+01:00',
      deleted: '',
      description: options.description ?? 'Upgrade complete',
      status,
    },
    chart: {
      metadata: { name: 'memcached', version: '1.2.3', apiVersion: 'v2', appVersion: '1.6.39' },
      lock: null,
      templates: [{ name: 'templates/a.yaml', data: Buffer.from('kind: A\n').toString('base64') }],
      values: { replicas: 2 },
      schema: null,
      files: [],
      ...options.chart,
    },
    config: options.config ?? { replicas: 2 },
    manifest: manifestText(options.manifest ?? []),
    hooks: (options.hooks ?? []).map(
      ({ name, kind, manifest, events = ['post-install'] }): Json => ({
        name,
        kind,
        path: `memcached/templates/${name}.yaml`,
        manifest: typeof manifest === 'string' ? manifest : toYaml(manifest),
        events,
      }),
    ),
    ...options.document,
  };
}

export function manifestText(manifest: string | KubeObject[]): string {
  if (typeof manifest === 'string') return manifest;
  return manifest.map((object) => `---\n# Source: memcached/templates/x.yaml\n${toYaml(object)}`).join('');
}
