import { ToolError } from '../../errors/tool-error.ts';
import { clean } from '../../model/forms/clean.ts';
import type { HelmRevision } from '../../model/helm/helm-release.ts';
import { isObject, isRawNumber, type Json, jsonEqual } from '../../model/json/json.ts';
import { toYaml } from '../../model/json/yaml.ts';
import { displayName, type KubeObject } from '../../model/kubernetes/object.ts';
import type { ObjectEntry } from '../../model/records/backup-format.ts';
import { contradictions, isObjectOf } from '../../model/records/backup-identity.ts';
import { judgeRoles, whyWrongRole } from '../../model/records/backup-roles.ts';
import { isSecretKind } from '../../model/secrets/secrecy.ts';
import { DamagedBackup } from '../../store/format/damage.ts';
import type { BackupReader } from '../../store/store.ts';
import { type CheckResult, failed, ok, unchecked } from './check-result.ts';
import { isPartOf } from './is-part-of.ts';
import { readJson, readYaml, Unreadable } from './parse.ts';

/**
 * Every raw file holds the object that backup.json says, every manifest is the clean form of it, every file
 * of an object belongs to one, and each object is to the release what backup.json says.
 * @param intact whether a file is as backup.json says; others were found out already.
 * @param toolVersion of this tool: another one may clean otherwise.
 * @param history Helm's revisions in the backup; undefined where they are not sound, so that they tell nothing.
 */
export async function checkObjects(
  reader: BackupReader,
  intact: (path: string) => boolean,
  toolVersion: string,
  history: HelmRevision[] | undefined,
): Promise<CheckResult[]> {
  const { objects, files } = reader.document;
  const results = contradictions(objects).map(({ entry, why }) => failed('objects', displayName(entry), why));
  if (reader.document.withoutSecrets !== undefined) {
    const secrets = objects.filter(isSecretKind);
    const why = 'backup.json says that the backup was taken without Secrets';
    results.push(...secrets.map((entry) => failed('objects', displayName(entry), why)));
  }
  const read: Checked[] = [];
  for (const entry of objects) {
    if (![entry.raw, entry.manifest].every((path) => path === undefined || intact(path))) continue;
    read.push(await checkObject(reader, entry, toolVersion));
  }
  results.push(
    ...(history === undefined ? read.map(({ result }) => result) : checkRoles(reader, read, history)),
  );
  const named = new Set(objects.flatMap(({ raw, manifest }) => [raw, manifest]));
  for (const { path } of files) {
    if (!/^(?:raw|manifests)\//.test(path) || named.has(path)) continue;
    results.push(failed('objects', path, 'it belongs to no object of backup.json'));
  }
  return results;
}

/** An object of the backup and what was found; `raw` is absent where it is another one. */
interface Checked {
  entry: ObjectEntry;
  raw?: KubeObject;
  result: CheckResult;
}

/** The results, with those of objects whose role is another one than backup.json says. */
function checkRoles(reader: BackupReader, read: Checked[], history: HelmRevision[]): CheckResult[] {
  const { release, namespace, withoutSecrets } = reader.document;
  const raws = read.flatMap(({ raw }) => (raw === undefined ? [] : [raw]));
  try {
    const roleOf = judgeRoles(raws, {
      release,
      namespace: namespace.name,
      history,
      everyKind: withoutSecrets !== undefined,
    });
    return read.map(({ entry, raw, result }) => {
      if (raw === undefined || result.status === 'failed') return result;
      const why = whyWrongRole(entry, raw, roleOf(entry), namespace.name);
      return why === undefined ? result : failed('objects', displayName(entry), why);
    });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return [...read.map(({ result }) => result), failed('helm', 'helm/release.json.gz', error.message)];
  }
}

async function checkObject(reader: BackupReader, entry: ObjectEntry, toolVersion: string): Promise<Checked> {
  const what = displayName(entry);
  try {
    const raw = readJson(await reader.read(entry.raw));
    if (isObject(raw) && isObjectOf(raw, entry))
      return { entry, raw, result: await checkForms(reader, entry, raw, toolVersion) };
    return { entry, result: failed('objects', what, `${entry.raw} holds another object`) };
  } catch (error) {
    return { entry, result: unreadable(entry, entry.raw, error) };
  }
}

function unreadable(entry: ObjectEntry, path: string, error: unknown): CheckResult {
  const what = displayName(entry);
  if (error instanceof Unreadable) return failed('objects', what, `${path}: ${error.message}`);
  if (error instanceof DamagedBackup) return failed('objects', what, error.damage);
  throw error;
}

/** Whether the manifest is the clean form of the raw object. */
async function checkForms(
  reader: BackupReader,
  entry: ObjectEntry,
  raw: KubeObject,
  toolVersion: string,
): Promise<CheckResult> {
  const what = displayName(entry);
  const path = entry.manifest;
  try {
    if (path === undefined) {
      return entry.role === 'recorded' ? ok('objects', what) : failed('objects', what, 'it has no manifest');
    }
    const content = await reader.read(path);
    const expected = clean(raw).object;
    // The very text, where this version wrote it: numbers keep all their digits in there.
    if (isObjectOf(expected, entry) && content.equals(Buffer.from(toYaml(expected))))
      return ok('objects', what);
    const manifest = readYaml(content);
    if (!isObject(manifest) || !isObjectOf(manifest, entry))
      return failed('objects', what, `${path} holds another object`);
    if (jsonEqual(plainNumbers(manifest), plainNumbers(expected))) return ok('objects', what);
    const writer = reader.document.tool.version;
    return writer !== toolVersion && isPartOf(plainNumbers(manifest), plainNumbers(raw))
      ? unchecked('objects', what, `${path} was written by version ${writer}, which leaves out other fields`)
      : failed('objects', what, `${path} is not the clean form of ${entry.raw}`);
  } catch (error) {
    return unreadable(entry, path ?? entry.raw, error);
  }
}

/** YAML gives numbers, the raw text keeps digits that no JavaScript number has. */
function plainNumbers(value: Json): Json {
  if (isRawNumber(value)) return Number(value.rawJSON);
  if (Array.isArray(value)) return value.map(plainNumbers);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainNumbers(item)]));
}
