import { gunzip } from '../../model/helm/gzip.ts';
import { rebuildChart } from '../../model/helm/helm-chart.ts';
import {
  decodeRevision,
  effectiveRevision,
  type HelmRevision,
  sortRevisions,
} from '../../model/helm/helm-release.ts';
import { parseJsonWithin } from '../../model/json/bounded-json.ts';
import { arrayAt, isObject, jsonEqual, objectAt } from '../../model/json/json.ts';
import { RECORDS_LIMITS } from '../../model/json/limits.ts';
import { parseYamlStream, toYaml } from '../../model/json/yaml.ts';
import { nameOf } from '../../model/kubernetes/object.ts';
import type { BackupDocument } from '../../model/records/backup-format.ts';
import { whyNoRecord } from '../../model/records/backup-identity.ts';
import { holdsRecords } from '../../model/records/held-secrets.ts';
import type { BackupReader } from '../../store/store.ts';
import { type CheckResult, failed, ok, unchecked } from './check-result.ts';

const RECORDS = 'helm/release.json.gz';
const VALUES = 'helm/values.yaml';
const CHART = 'helm/chart/';

/** What there is to say of Helm's part of a backup. */
export interface HelmCheck {
  results: CheckResult[];
  /** Helm's revisions, oldest first, none without Helm; undefined where they are not what they should be. */
  history: HelmRevision[] | undefined;
}

/**
 * Every Helm record decodes, is one of the release, and the history is the one that backup.json names;
 * helm/values.yaml and helm/chart/ are what the record says.
 */
export async function checkHelm(reader: BackupReader, intact: (path: string) => boolean): Promise<HelmCheck> {
  const failure = (...results: CheckResult[]): HelmCheck => ({ results, history: undefined });
  const { document } = reader;
  const helmFiles = document.files.filter(({ path }) => path.startsWith('helm/'));
  const { helm } = document;
  if (helm === undefined || !holdsRecords(document)) {
    const why =
      helm === undefined
        ? 'backup.json says that Helm does not manage the release'
        : 'backup.json says that the backup was taken without Secrets';
    const results = helmFiles.map(({ path }) => failed('helm', path, why));
    if (results.length > 0) return failure(...results);
    const left = 'it was left out, for it holds what Secrets hold';
    return { results: helm === undefined ? [] : [unchecked('helm', "Helm's record", left)], history: [] };
  }
  if (!helmFiles.some(({ path }) => path === RECORDS)) {
    return failure(failed('helm', RECORDS, 'backup.json does not name it'));
  }
  if (!intact(RECORDS)) return failure();
  const { history, results } = decode(await reader.read(RECORDS), document);
  if (results.some(({ status }) => status === 'failed')) return failure(...results);
  const wrong = wrongHistory(history, helm);
  if (wrong !== undefined) return failure(...results, failed('helm', RECORDS, wrong));
  return { results: [...results, ...(await checkChart(reader, intact, history))], history };
}

function decode(
  content: Buffer,
  { release, namespace }: BackupDocument,
): { history: HelmRevision[]; results: CheckResult[] } {
  const history: HelmRevision[] = [];
  const results: CheckResult[] = [];
  try {
    const unpacked = gunzip(content, RECORDS_LIMITS.bytes);
    const list = parseJsonWithin(unpacked, RECORDS_LIMITS);
    const records = arrayAt(list, 'items');
    if (records.length === 0) results.push(failed('helm', RECORDS, 'it holds no record'));
    for (const [index, record] of records.entries()) {
      const what = isObject(record) ? nameOf(record) : `record ${index + 1}`;
      try {
        if (!isObject(record)) throw new TypeError('not an object');
        const revision = decodeRevision(record);
        const why = whyNoRecord(revision, release, namespace.name);
        history.push(revision);
        results.push(why === undefined ? ok('helm', what) : failed('helm', what, why));
      } catch {
        results.push(failed('helm', what, 'the record does not decode'));
      }
    }
  } catch {
    results.push(failed('helm', RECORDS, 'it does not decompress to a list of records'));
  }
  return { history: sortRevisions(history), results };
}

function wrongHistory(
  history: HelmRevision[],
  helm: NonNullable<BackupDocument['helm']>,
): string | undefined {
  const revisions = history.map(({ revision }) => revision);
  const newest = history.at(-1);
  if (!jsonEqual(revisions, helm.revisions)) {
    return `it holds revisions ${revisions.join(', ')}, backup.json says ${helm.revisions.join(', ')}`;
  }
  if (newest?.revision !== helm.revision || newest.status !== helm.status || newest.driver !== helm.driver) {
    return 'its newest revision is not the one that backup.json names';
  }
  return undefined;
}

/** Values and chart, file by file, against what the release's own record gives. */
async function checkChart(
  reader: BackupReader,
  intact: (path: string) => boolean,
  history: HelmRevision[],
): Promise<CheckResult[]> {
  const { document } = effectiveRevision(history)!;
  const { files } = rebuildChart(document);
  const expected = new Map<string, string | Buffer>([
    [VALUES, toYaml(objectAt(document, 'config') ?? {})],
    ...files.map(({ path, content }) => [`${CHART}${path}`, content] as const),
  ]);
  const written = reader.document.files
    .map(({ path }) => path)
    .filter((path) => path === VALUES || path.startsWith(CHART));
  const results: CheckResult[] = [];
  for (const path of [...new Set([...expected.keys(), ...written])].sort()) {
    const wanted = expected.get(path);
    if (!written.includes(path))
      results.push(failed('chart', path, "it is missing, and Helm's record has it"));
    else if (wanted === undefined) results.push(failed('chart', path, "Helm's record has no such file"));
    else if (intact(path)) {
      const found = await reader.read(path);
      results.push(
        isSame(found, wanted) ? ok('chart', path) : failed('chart', path, "it is not as in Helm's record"),
      );
    }
  }
  return results;
}

/** Byte for byte; of what is generated as YAML, another version may have written the same otherwise. */
function isSame(found: Buffer, wanted: string | Buffer): boolean {
  if (found.equals(Buffer.from(wanted))) return true;
  if (typeof wanted !== 'string') return false;
  try {
    return jsonEqual(parseYamlStream(found.toString('utf8')), parseYamlStream(wanted));
  } catch {
    return false;
  }
}
