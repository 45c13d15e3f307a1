import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from '../json/json.ts';
import { toYaml } from '../json/yaml.ts';

/** A file of a chart, its path relative to the chart's folder. */
export interface ChartFile {
  path: string;
  content: string | Buffer;
}

/**
 * The chart as far as a release record holds it (helm.sh/helm/v3/pkg/chart.Chart: metadata, lock, templates,
 * values, schema, files). Subcharts are not in the record, so a chart that has any does not render from this.
 * A path that would leave the chart's folder, or that another file is in the way of, is passed over and named
 * in `unsafe`.
 */
export function rebuildChart(release: JsonObject): { files: ChartFile[]; unsafe: string[] } {
  const chart = objectAt(release, 'chart') ?? {};
  const files: ChartFile[] = [
    { path: 'Chart.yaml', content: toYaml(objectAt(chart, 'metadata') ?? {}) },
    { path: 'values.yaml', content: toYaml(objectAt(chart, 'values') ?? {}) },
  ];
  const lock = objectAt(chart, 'lock');
  if (lock !== undefined) files.push({ path: 'Chart.lock', content: toYaml(lock) });
  const schema = stringAt(chart, 'schema');
  if (schema !== undefined)
    files.push({ path: 'values.schema.json', content: Buffer.from(schema, 'base64') });

  const unsafe: string[] = [];
  const taken = new Set(files.map((file) => file.path));
  const folders = new Set<string>();
  for (const entry of [...arrayAt(chart, 'templates'), ...arrayAt(chart, 'files')]) {
    if (!isObject(entry)) continue;
    const path = stringAt(entry, 'name') ?? '';
    const above = foldersAbove(path);
    const isUsed = taken.has(path) || folders.has(path) || above.some((folder) => taken.has(folder));
    if (!isSafePath(path) || isUsed) unsafe.push(path);
    else {
      taken.add(path);
      for (const folder of above) folders.add(folder);
      files.push({ path, content: Buffer.from(stringAt(entry, 'data') ?? '', 'base64') });
    }
  }
  return { files, unsafe };
}

/** "a" and "a/b" of "a/b/c". */
function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Relative, without "..", empty parts, backslashes or control characters. */
function isSafePath(path: string): boolean {
  return (
    path !== '' &&
    !/[\\\u0000-\u001f\u007f]/.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/** Names of the subcharts that the chart declares; they can't be rebuilt. */
export function declaredSubcharts(release: JsonObject): string[] {
  return arrayAt(release, 'chart', 'metadata', 'dependencies').map((entry) => stringAt(entry, 'name') ?? '?');
}
