import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { assemble } from '../../src/backup/assemble.ts';
import { objectFileName } from '../../src/backup/object-file.ts';
import { clean } from '../../src/model/forms/clean.ts';
import { decodeRevision, encodeRelease, type HelmRevision } from '../../src/model/helm/helm-release.ts';
import type { JsonObject } from '../../src/model/json/json.ts';
import { toYaml } from '../../src/model/json/yaml.ts';
import { type KubeObject, refOf } from '../../src/model/kubernetes/object.ts';
import type { BackupDocument, ObjectEntry, PodSettings } from '../../src/model/records/backup-format.ts';
import { checksumLine, sha256 } from '../../src/store/format/digest.ts';
import type { BackupAddress, Store } from '../../src/store/store.ts';
import { aRevision } from './helm-records.ts';
import { aLiveRelease } from './live-release.ts';
import { aConfigMap, aDeployment, aSecret, aService, NAMESPACE, withContainer } from './objects.ts';
import { podSettings } from './pod-settings.ts';

export const SMALL: BackupAddress = {
  cluster: '3f6c2a10',
  namespace: NAMESPACE,
  release: 'cart',
  id: '20261122T101500Z',
};

/** Long and unlike anything else, so that a test can look for it. */
export const PASSWORD = 'correct-horse-battery';

export interface SmallOptions {
  id?: string;
  /** -m, so that two backups differ in their files. */
  megabytes?: number;
  /** "cart" without Helm where empty. */
  history?: HelmRevision[];
  /** Helm's, the deployed one last, where no history is given. */
  revisions?: number[];
  pods?: PodSettings[];
  release?: string;
  /** What Helm said, and the text of a ConfigMap that the release has. */
  notes?: string;
  conf?: string;
  /** The folder of another cluster, or of this one as whoever may not read kube-system saves it: no uid is known then. */
  cluster?: string;
  /** The last word on backup.json. */
  change?: (document: BackupDocument) => void;
}

/**
 * A whole backup as `backup` makes it, of a release that was never in a cluster: a Deployment, a Service, a
 * ConfigMap, a Secret, and two Helm revisions with a chart, notes and a hook.
 */
export async function writeSmallBackup(
  store: Store,
  options: SmallOptions = {},
): Promise<BackupAddress & { location: string }> {
  const { id = SMALL.id, megabytes = 64, release = SMALL.release, cluster = SMALL.cluster } = options;
  const secret = aSecret('cart', { password: PASSWORD });
  const deployment = withContainer(aDeployment('cart'), {
    args: ['-m', String(megabytes), '-c', '1024'],
    env: [
      { name: 'REGION', value: 'north' },
      { name: 'CACHE_PASSWORD', valueFrom: { secretKeyRef: { name: 'cart', key: 'password' } } },
    ],
  });
  const conf = { 'memcached.conf': options.conf ?? `-m ${megabytes}\n` };
  const asked = [secret, aConfigMap('cart', conf), aService('cart'), deployment];
  const manifest = asked.map((object) => object.without('status').object);
  const history =
    options.history ??
    (options.revisions ?? [1, 2]).map((revision) => aSmallRevision(release, revision, manifest, options));
  const live = aLiveRelease(
    asked.map((object) => object.served()),
    { release, history },
  );
  const pods =
    options.pods ?? [podSettings('cart-1'), podSettings('cart-2')].map((pod) => atSize(pod, megabytes));
  const { files, document } = assemble(
    {
      live,
      identity: {
        uid: cluster === SMALL.cluster ? '3f6c2a10-0f5e' : undefined,
        caDigest: 'ab'.repeat(32),
        serverVersion: 'v1.34.4',
        context: 'prod',
      },
      targets: [],
      skipped: [],
    },
    {
      kind: 'backup',
      id,
      clusterName: cluster,
      toolVersion: '0.1.0',
      pods,
      startedAt: new Date('2026-11-22T10:15:00.123Z'),
      finishedAt: new Date('2026-11-22T10:15:00.335Z'),
    },
  );
  options.change?.(document);
  const { address, location } = await store.save({ ...SMALL, cluster, release, id }, { files, document });
  return { ...address, location };
}

function aSmallRevision(
  release: string,
  revision: number,
  manifest: JsonObject[],
  { megabytes = 64, notes = `Connect with ${PASSWORD}.\n`, revisions = [1, 2] }: SmallOptions,
): HelmRevision {
  const data = (text: string): string => Buffer.from(text).toString('base64');
  const status = revision === revisions.at(-1) ? 'deployed' : 'superseded';
  const template = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cart\n';
  return aRevision(revision, status, {
    release,
    manifest,
    config: { auth: { password: PASSWORD }, memcached: { megabytes, ratio: 1 } },
    chart: {
      templates: [{ name: 'templates/configmap.yaml', data: data(template) }],
      files: [{ name: '.helmignore', data: data('*.tmp\n') }],
    },
    hooks: [
      { name: 'warm', kind: 'Job', manifest: 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: warm}\n' },
    ],
    document: {
      info: { status, notes },
    },
  });
}

function atSize(pod: PodSettings, megabytes: number): PodSettings {
  const stats = { ...pod.stats, maxbytes: String(megabytes * 1024 * 1024) };
  return { ...pod, args: ['-m', String(megabytes), '-c', '1024'], stats };
}

/** Puts `content` into a file of a backup, digests and all, as someone with ill intent would. */
export function forgeFile(folder: string, path: string, content: string | Buffer): void {
  writeFileSync(join(folder, path), content);
  forgeDocument(folder, ({ files }) => {
    const entry = files.find((file) => file.path === path);
    const { size, digest } = { size: Buffer.byteLength(content), digest: sha256(content) };
    if (entry === undefined) files.push({ path, size, sha256: digest });
    else Object.assign(entry, { size, sha256: digest });
  });
}

/** Adds an object to a backup, with its files and digests, as someone with ill intent would. */
export function forgeObject(folder: string, object: KubeObject, said: Partial<ObjectEntry> = {}): void {
  const ref = refOf(object);
  const name = objectFileName(ref, NAMESPACE);
  const entry: ObjectEntry = {
    ...ref,
    role: 'owned',
    from: 'manifest',
    raw: `raw/${name}.json`,
    manifest: `manifests/${name}.yaml`,
    ...said,
  };
  forgeFile(folder, entry.raw, `${JSON.stringify(object, null, 2)}\n`);
  if (entry.manifest !== undefined) forgeFile(folder, entry.manifest, toYaml(clean(object).object));
  forgeDocument(folder, ({ objects }) => objects.push(entry));
}

/** Changes what Helm's records of a backup say, and makes the digests fit. */
export function forgeRecords(folder: string, edit: (items: JsonObject[]) => void): void {
  const path = 'helm/release.json.gz';
  const list = JSON.parse(gunzipSync(readFileSync(join(folder, path))).toString()) as { items: JsonObject[] };
  edit(list.items);
  forgeFile(folder, path, gzipSync(JSON.stringify(list)));
}

/** Adds objects to the manifest of every Helm record of a backup. */
export function forgeHelmManifest(folder: string, ...objects: KubeObject[]): void {
  forgeRecords(folder, (items) => {
    for (const record of items) {
      const { document, driver } = decodeRevision(record);
      document.manifest = `${document.manifest}${objects.map((each) => `---\n${toYaml(each)}`).join('')}`;
      record.data = { release: encodeRelease(document, driver) };
    }
  });
}

/** Changes backup.json and makes its digest fit. */
export function forgeDocument(folder: string, change: (document: BackupDocument) => void): void {
  const document = JSON.parse(readFileSync(join(folder, 'backup.json'), 'utf8')) as BackupDocument;
  change(document);
  const text = `${JSON.stringify(document, null, 2)}\n`;
  writeFileSync(join(folder, 'backup.json'), text);
  writeFileSync(join(folder, 'backup.json.sha256'), checksumLine(sha256(text), 'backup.json'));
}
