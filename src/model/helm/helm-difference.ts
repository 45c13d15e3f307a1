import { isObject, type Json, stringAt, valueAt } from '../json/json.ts';
import { toYaml } from '../json/yaml.ts';
import { hideSecretsInLines } from '../secrets/hide-secrets-in-lines.ts';
import { secretDigest, withSecretDigests, withSecretValueDigests } from '../secrets/secret-digest.ts';
import { type HelmRevision, newestRevision } from './helm-release.ts';
import { contentDifferences, type PartDifference } from './release-content.ts';

/** What Helm says of a release on one side. */
export interface HelmState {
  revision: number;
  status: string;
  /** "memcached-0.4.0" */
  chart: string;
  appVersion: string;
}

export interface HelmDifference {
  /** Absent where Helm has no record of the release on that side. */
  before?: HelmState;
  after?: HelmState;
  /** What differs, in this order; "revision" alone means that a later revision installs the same. */
  changes: ('release' | 'revision' | 'status' | 'chart' | 'values' | 'templates' | 'manifest' | 'hooks')[];
  /** What the user supplied on each side, digests in place of secrets; where it differs. */
  values?: { before: Json; after: Json };
  /** Each other part that differs. */
  parts?: HelmPart[];
}

/** A part of a release that differs, as text; digests in place of secrets. Never the same on both sides. */
export interface HelmPart {
  of: 'chart' | 'templates' | 'manifest' | 'hooks';
  /** "deployment.apps/cart", a hook's name, "templates/service.yaml". */
  name: string;
  /** Absent where that side has none. */
  before?: string;
  after?: string;
}

/** Compares the newest revisions of two histories; undefined where neither side has one, or all is equal. */
export function helmDifference(before: HelmRevision[], after: HelmRevision[]): HelmDifference | undefined {
  const was = newestRevision(before);
  const is = newestRevision(after);
  if (was === undefined && is === undefined) return undefined;
  if (was === undefined) return { after: stateOf(is!), changes: ['release'] };
  if (is === undefined) return { before: stateOf(was), changes: ['release'] };
  const states = { before: stateOf(was), after: stateOf(is) };
  const changes: HelmDifference['changes'] = [];
  if (was.revision !== is.revision) changes.push('revision');
  if (was.status !== is.status) changes.push('status');
  const differences = contentDifferences(was, is);
  // Another chart or other values render another manifest, from other templates: those explain themselves.
  const isExplained = differences.some(({ of }) => of !== 'templates');
  const told = differences.filter(({ of }) => of !== 'templates' || !isExplained);
  for (const what of ['chart', 'values', 'manifest', 'hooks', 'templates'] as const)
    if (told.some(({ of }) => of === what)) changes.push(what);
  if (changes.length === 0) return undefined;
  const values = told.find(({ of }) => of === 'values');
  const parts = told.flatMap(shownPart);
  return {
    ...states,
    changes,
    ...(values === undefined
      ? {}
      : {
          values: {
            before: withSecretValueDigests(values.before ?? {}),
            after: withSecretValueDigests(values.after ?? {}),
          },
        }),
    ...(parts.length === 0 ? {} : { parts }),
  };
}

function shownPart({ of, name, before, after }: PartDifference): HelmPart[] {
  if (of === 'values') return [];
  const shown = (value: Json): string => (typeof value === 'string' ? textOf(of, value) : dataOf(of, value));
  const was = before === undefined ? undefined : shown(before);
  const is = after === undefined ? undefined : shown(after);
  // What hides a secret may hide that it is another one.
  const [told, now] =
    was !== is || before === undefined || after === undefined
      ? [was, is]
      : [digestOf(before), digestOf(after)];
  return [
    {
      of,
      name,
      ...(told === undefined ? {} : { before: told }),
      ...(now === undefined ? {} : { after: now }),
    },
  ];
}

function digestOf(value: Json): string {
  return `${secretDigest(JSON.stringify(value))}\n`;
}

/** A chart's file is base64 of anything at all; what else is text could not be read as YAML. */
function textOf(of: PartDifference['of'], value: string): string {
  if (of !== 'templates') return withLastNewline(hideSecretsInLines(value));
  const bytes = Buffer.from(value, 'base64');
  const text = bytes.toString('utf8');
  return text.includes('\0') || text.includes('\ufffd')
    ? `${secretDigest(bytes)}\n`
    : withLastNewline(hideSecretsInLines(text));
}

function dataOf(of: PartDifference['of'], value: Json): string {
  // Two files of one name: nothing tells them apart.
  if (of === 'templates' && Array.isArray(value)) return digestOf(value);
  if (of === 'chart' || of === 'templates') return toYaml(withSecretValueDigests(value));
  return toYaml(withoutSecrets(value));
}

/** Objects, lists of them, and hooks around them. */
function withoutSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value === 'string') return hideSecretsInLines(value);
  if (!isObject(value)) return value;
  const { manifest, ...rest } = value;
  // No kind of Kubernetes' own has a field of that name beside its apiVersion.
  if (manifest === undefined || value.apiVersion !== undefined) return withSecretDigests(value);
  return { ...rest, manifest: withoutSecrets(manifest) };
}

function withLastNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** Whether the release differs in more than the number of its revision. */
export function isHelmChanged(difference: HelmDifference | undefined): boolean {
  return difference?.changes.some((change) => change !== 'revision') ?? false;
}

function stateOf(revision: HelmRevision): HelmState {
  const metadata = metadataOf(revision);
  return {
    revision: revision.revision,
    status: revision.status,
    chart: `${stringAt(metadata, 'name') ?? '?'}-${stringAt(metadata, 'version') ?? '?'}`,
    appVersion: stringAt(metadata, 'appVersion') ?? '',
  };
}

function metadataOf({ document }: HelmRevision): Json | undefined {
  return valueAt(document, 'chart', 'metadata');
}
