import {
  arrayAt,
  isObject,
  type Json,
  type JsonObject,
  jsonEqual,
  objectAt,
  stringAt,
  valueAt,
} from '../json/json.ts';
import { parseYamlStream } from '../json/yaml.ts';
import { displayName, refOf } from '../kubernetes/object.ts';
import { type HelmRevision, manifestOf } from './helm-release.ts';

/** Where a part of a release stands: in the chart's metadata, the user's values, the chart's files, the manifest, the hooks. */
export type PartOf = 'chart' | 'values' | 'templates' | 'manifest' | 'hooks';

/** One thing that two revisions have differently. */
export interface PartDifference {
  of: PartOf;
  /** "deployment.apps/cart", a hook's name, "templates/service.yaml". */
  name: string;
  /** What it is; undefined where that revision has none. Data where it could be read as such, else its text. */
  before: Json | undefined;
  after: Json | undefined;
}

/**
 * What two revisions install differently: chart, values, manifest and hooks. Numbers, times and descriptions don't
 * count, nor what only one of Helm 3 and 4 writes (apply_method, modtime, a hook's last run). Manifests are
 * compared as the objects that they hold: blank lines, which Helm 4 adds and drops, comments and the order of
 * documents install nothing.
 */
export function contentDifferences(a: HelmRevision, b: HelmRevision): PartDifference[] {
  const [was, is] = [a.document, b.document];
  return [
    ...differing(
      'chart',
      new Map([['Chart.yaml', metadataOf(was)]]),
      new Map([['Chart.yaml', metadataOf(is)]]),
    ),
    ...differing(
      'values',
      new Map([['values.yaml', valuesOf(was)]]),
      new Map([['values.yaml', valuesOf(is)]]),
    ),
    ...differing('templates', chartFiles(was), chartFiles(is)),
    ...(manifestOf(a) === manifestOf(b)
      ? []
      : differing('manifest', documentsOf(manifestOf(a)), documentsOf(manifestOf(b)))),
    ...(jsonEqual(hooksAsWritten(a), hooksAsWritten(b))
      ? []
      : differing('hooks', hookParts(a), hookParts(b))),
  ];
}

/** Whether two revisions install the same. */
export function sameContent(a: HelmRevision, b: HelmRevision): boolean {
  return contentDifferences(a, b).length === 0;
}

type Parts = ReadonlyMap<string, Json>;

function differing(of: PartOf, before: Parts, after: Parts): PartDifference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((name): PartDifference[] => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was !== undefined && is !== undefined && jsonEqual(was, is)) return [];
    return [{ of, name, before: was, after: is }];
  });
}

function metadataOf(document: JsonObject): Json {
  return objectAt(document, 'chart', 'metadata') ?? {};
}

function valuesOf(document: JsonObject): Json {
  return objectAt(document, 'config') ?? {};
}

/** The chart's own values as data, each other file as base64, as the record has it. */
function chartFiles(document: JsonObject): Parts {
  const chart = objectAt(document, 'chart') ?? {};
  const files = [...arrayAt(chart, 'templates'), ...arrayAt(chart, 'files')].map((entry): [string, Json] => [
    stringAt(entry, 'name') ?? '',
    stringAt(entry, 'data') ?? '',
  ]);
  return together([['values.yaml', objectAt(chart, 'values') ?? {}], ...files]);
}

/** Each document of a manifest under its object's name; lines that are no YAML under one name, without blank ones. */
function documentsOf(manifest: string): Parts {
  try {
    return together(
      parseYamlStream(manifest).map((document, index): [string, Json] => [
        isObject(document) && stringAt(document, 'kind') !== undefined
          ? displayName(refOf(document))
          : `document ${index + 1}`,
        document,
      ]),
    );
  } catch {
    const lines = manifest.split('\n').map((line) => line.trimEnd());
    return new Map([['manifest', `${lines.filter((line) => line !== '').join('\n')}\n`]]);
  }
}

/** What Helm runs a hook by (helm.sh/helm/v3/pkg/release.Hook). */
function hooksAsWritten({ document }: HelmRevision): JsonObject[] {
  return arrayAt(document, 'hooks').map((hook) => ({
    name: stringAt(hook, 'name') ?? '',
    kind: valueAt(hook, 'kind') ?? null,
    events: valueAt(hook, 'events') ?? null,
    weight: valueAt(hook, 'weight') ?? 0,
    manifest: stringAt(hook, 'manifest') ?? '',
  }));
}

function hookParts(revision: HelmRevision): Parts {
  return together(
    hooksAsWritten(revision).map(({ name, manifest, ...hook }): [string, Json] => {
      const documents = [...documentsOf(String(manifest)).values()];
      return [String(name), { ...hook, manifest: documents.length === 1 ? documents[0]! : documents }];
    }),
  );
}

/** Things of one name as a list: none hides another. */
function together(entries: [string, Json][]): Parts {
  return new Map(
    [...Map.groupBy(entries, ([name]) => name)].map(([name, group]) => [
      name,
      group.length === 1 ? group[0]![1] : group.map(([, value]) => value),
    ]),
  );
}
