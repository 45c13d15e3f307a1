import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type CheckResult, failed, ok, unchecked } from '../backup/checks/check-result.ts';
import { declaredSubcharts } from '../model/helm/helm-chart.ts';
import { effectiveRevision, type HelmRevision, hooksOf, manifestOf } from '../model/helm/helm-release.ts';
import { isObject, type Json, jsonEqual, stringAt } from '../model/json/json.ts';
import { parseYamlStream } from '../model/json/yaml.ts';
import { displayName, type KubeObject, refOf } from '../model/kubernetes/object.ts';
import type { BackupReader } from '../store/store.ts';
import { type HelmAnswer, runHelm } from './run-helm.ts';
import { unrepeatable } from './unrepeatable.ts';

const CHART = 'helm/chart';
const VALUES = 'helm/values.yaml';
/** Objects that a message names; more would hide the point. */
const NAMED = 5;

/**
 * The values in the backup, rendered with the chart in the backup by the user's own Helm, give the manifest that
 * the release's record has. Nothing is asked of a cluster.
 * @param helm Helm's path, or its name on PATH.
 */
export async function checkRender(
  reader: BackupReader,
  history: HelmRevision[],
  helm: string,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const revision = effectiveRevision(history);
  if (revision === undefined) return [];
  const { name, version } = reader.document.helm?.chart ?? { name: '', version: '' };
  const what = `${name}-${version}`;
  const subcharts = subchartsOf(revision, name);
  if (subcharts.length > 0) {
    return [unchecked('render', what, `Helm's record lacks its subcharts: ${subcharts.join(', ')}`)];
  }
  const folder = await mkdtemp(join(tmpdir(), 'memcached-backup-render-'));
  // The values may be secret. After an interruption nobody waits, so they go at once.
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true });
  signal.addEventListener('abort', removeNow, { once: true });
  try {
    const templates = await unpack(reader, folder, signal);
    return [await compare({ reader, revision, helm, folder, templates, what }, signal)];
  } finally {
    signal.removeEventListener('abort', removeNow);
    await rm(folder, { recursive: true, force: true });
  }
}

interface Rendering {
  reader: BackupReader;
  revision: HelmRevision;
  helm: string;
  /** Holds helm/chart and helm/values.yaml. */
  folder: string;
  /** The texts of the chart's templates. */
  templates: string[];
  what: string;
}

async function compare(rendering: Rendering, signal: AbortSignal): Promise<CheckResult> {
  const { revision, helm, templates, what } = rendering;
  const stored = [manifestOf(revision), ...hooksOf(revision).map(({ manifest }) => manifest)];
  const wanted = documentsOf(stored.join('\n---\n'));
  if (wanted === undefined) return failed('render', what, "the manifest in Helm's record is not YAML");
  let difference = '';
  // A template may ask which of the two it is, and a rollback repeats either.
  for (const upgrade of revision.revision > 1 ? [true, false] : [false, true]) {
    const answer: HelmAnswer = await runHelm(helm, templateArguments(rendering, wanted, upgrade), signal);
    if (answer.outcome === 'unable') return unchecked('render', what, answer.why);
    if (answer.outcome === 'refused') {
      // What a library chart in charts/ defines is in no record.
      return /no template .* associated|not defined/.test(answer.message)
        ? unchecked('render', what, `it uses templates of a subchart, which Helm's record lacks`)
        : failed('render', what, `helm can't render it: ${answer.message}`);
    }
    const rendered = documentsOf(answer.text);
    if (rendered === undefined) return failed('render', what, 'what helm renders is not YAML');
    difference = differenceOf(wanted, rendered);
    if (difference === '') return ok('render', what);
  }
  const reasons = [...new Set(templates.flatMap(unrepeatable))];
  return reasons.length > 0
    ? unchecked('render', what, `its templates don't give the same twice: they use ${reasons.join(', ')}`)
    : failed(
        'render',
        what,
        `helm renders another manifest (${difference}); a post-renderer would do that, too`,
      );
}

/** Subcharts that Chart.yaml declares, and those that only lie in charts/: manifests name their templates. */
function subchartsOf(revision: HelmRevision, chart: string): string[] {
  const declared = declaredSubcharts(revision.document);
  const sources = manifestOf(revision).matchAll(/^# Source: ([^/\n]+)\/charts\/([^/\n]+)\//gm);
  const used = [...sources].flatMap(([, parent, name]) =>
    parent === chart && name !== undefined ? [name] : [],
  );
  return [...new Set([...declared, ...used])];
}

/** Writes chart and values where Helm can read them; the store may be no folder. */
async function unpack(reader: BackupReader, folder: string, signal: AbortSignal): Promise<string[]> {
  const paths = reader.document.files.map(({ path }) => path);
  const templates: string[] = [];
  for (const path of paths.filter((candidate) => candidate === VALUES || candidate.startsWith(`${CHART}/`))) {
    const content = await reader.read(path);
    signal.throwIfAborted();
    await mkdir(join(folder, dirname(path)), { recursive: true, mode: 0o700 });
    await writeFile(join(folder, path), content, { mode: 0o600 });
    if (path.startsWith(`${CHART}/templates/`)) templates.push(content.toString('utf8'));
  }
  return templates;
}

function templateArguments({ reader, folder }: Rendering, wanted: KubeObject[], upgrade: boolean): string[] {
  const { release, namespace, cluster } = reader.document;
  const refs = wanted.map(refOf);
  // A template that asks for a kind of a custom resource saw it served.
  const apis = new Set(refs.flatMap(({ apiVersion, kind }) => [apiVersion, `${apiVersion}/${kind}`]));
  return [
    ...['template', release, join(folder, CHART)],
    ...['--values', join(folder, VALUES), '--namespace', namespace.name],
    ...(/^v\d+\.\d+/.test(cluster.serverVersion) ? ['--kube-version', cluster.serverVersion] : []),
    ...[...apis].flatMap((api) => ['--api-versions', api]),
    ...(upgrade ? ['--is-upgrade'] : []),
  ];
}

/** undefined where the text is not YAML. */
function documentsOf(text: string): KubeObject[] | undefined {
  try {
    return parseYamlStream(withPlainNumbers(text)).filter((document) => isObject(document));
  } catch {
    return undefined;
  }
}

/**
 * Go prints a large integer that came from a file as 1e+06, and one that came from --set as 1000000. The backup
 * has both as values.yaml. A number that is no integer (1.2345678e+06) is no other after --set.
 */
function withPlainNumbers(text: string): string {
  return text.replaceAll(/\b\d(?:\.\d+)?e\+\d\d\b/g, (number) =>
    Number.isInteger(Number(number)) ? BigInt(Number(number)).toString() : number,
  );
}

/** Which objects differ, in one clause; "" where none does. */
function differenceOf(wanted: KubeObject[], rendered: KubeObject[]): string {
  const extra = [...rendered];
  const lacking = wanted.filter((object) => {
    const at = extra.findIndex((candidate) => jsonEqual(candidate as Json, object));
    if (at >= 0) extra.splice(at, 1);
    return at < 0;
  });
  const names = [...new Set([...lacking, ...extra].map(nameFor))];
  const more = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function nameFor(object: KubeObject): string {
  return stringAt(object, 'kind') === undefined ? 'a document without a kind' : displayName(refOf(object));
}
