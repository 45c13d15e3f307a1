import { type HelmRevision, hooksOf, manifestOf, newestRevision, sameContent } from './helm-release.ts';
import { type Json, jsonEqual, objectAt, stringAt, valueAt } from './json.ts';
import { withSecretValueDigests } from './secret-digest.ts';

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
  const sameChart = jsonEqual(metadataOf(was), metadataOf(is));
  if (!sameChart) changes.push('chart');
  const values = { before: valuesOf(was), after: valuesOf(is) };
  if (!jsonEqual(values.before, values.after)) changes.push('values');
  if (manifestOf(was) !== manifestOf(is)) changes.push('manifest');
  if (!jsonEqual(hooksText(was), hooksText(is))) changes.push('hooks');
  // What is left of the content: templates, default values and files of the chart.
  const explained = changes.some((change) => change !== 'revision' && change !== 'status');
  if (!explained && !sameContent(was, is)) changes.push('templates');
  if (changes.length === 0) return undefined;
  const shown = {
    before: withSecretValueDigests(values.before),
    after: withSecretValueDigests(values.after),
  };
  return { ...states, changes, ...(changes.includes('values') ? { values: shown } : {}) };
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

function valuesOf({ document }: HelmRevision): Json {
  return objectAt(document, 'config') ?? {};
}

function hooksText(revision: HelmRevision): Json {
  return hooksOf(revision).map(({ name, manifest }) => [name, manifest]);
}
