import type { ObjectEntry } from '../model/backup.ts';
import { clean } from '../model/clean.ts';
import { isObject, isRawNumber, type Json, jsonEqual } from '../model/json.ts';
import { displayName, type KubeObject, refOf } from '../model/object.ts';
import { toYaml } from '../model/yaml.ts';
import { DamagedBackup } from '../store/damage.ts';
import type { BackupReader } from '../store/store.ts';
import { type CheckResult, failed, ok, unchecked } from './check-result.ts';
import { isPartOf } from './is-part-of.ts';
import { readJson, readYaml, Unreadable } from './parse.ts';

/**
 * Every raw file holds the object that backup.json says, every manifest is the clean form of it, and every file
 * of an object belongs to one.
 * @param intact whether a file is as backup.json says; others were found out already.
 * @param toolVersion of this tool: another one may clean otherwise.
 */
export async function checkObjects(
  reader: BackupReader,
  intact: (path: string) => boolean,
  toolVersion: string,
): Promise<CheckResult[]> {
  const { objects, files } = reader.document;
  const results: CheckResult[] = [];
  for (const entry of objects) {
    if (![entry.raw, entry.manifest].every((path) => path === undefined || intact(path))) continue;
    results.push(await checkObject(reader, entry, toolVersion));
  }
  const named = new Set(objects.flatMap(({ raw, manifest }) => [raw, manifest]));
  for (const { path } of files) {
    if (!/^(?:raw|manifests)\//.test(path) || named.has(path)) continue;
    results.push(failed('objects', path, 'it belongs to no object of backup.json'));
  }
  return results;
}

async function checkObject(
  reader: BackupReader,
  entry: ObjectEntry,
  toolVersion: string,
): Promise<CheckResult> {
  const what = displayName(entry);
  let path = entry.raw;
  try {
    const raw = readJson(await reader.read(path));
    if (!isObject(raw) || !isAsSaid(raw, entry))
      return failed('objects', what, `${path} holds another object`);
    if (entry.manifest === undefined) {
      return entry.role === 'recorded' ? ok('objects', what) : failed('objects', what, 'it has no manifest');
    }
    path = entry.manifest;
    const content = await reader.read(path);
    const manifest = readYaml(content);
    const expected = clean(raw).object;
    // The very text, where this version wrote it: numbers keep all their digits in there.
    if (content.toString('utf8') === toYaml(expected)) return ok('objects', what);
    if (jsonEqual(plainNumbers(manifest), plainNumbers(expected))) return ok('objects', what);
    const writer = reader.document.tool.version;
    return writer !== toolVersion && isPartOf(plainNumbers(manifest), plainNumbers(raw))
      ? unchecked('objects', what, `${path} was written by version ${writer}, which leaves out other fields`)
      : failed('objects', what, `${path} is not the clean form of ${entry.raw}`);
  } catch (error) {
    if (error instanceof Unreadable) return failed('objects', what, `${path}: ${error.message}`);
    if (error instanceof DamagedBackup) return failed('objects', what, error.damage);
    throw error;
  }
}

function isAsSaid(object: KubeObject, { apiVersion, kind, name, namespace }: ObjectEntry): boolean {
  const found = refOf(object);
  return (
    found.apiVersion === apiVersion &&
    found.kind === kind &&
    found.name === name &&
    found.namespace === namespace
  );
}

/** YAML gives numbers, the raw text keeps digits that no JavaScript number has. */
function plainNumbers(value: Json): Json {
  if (isRawNumber(value)) return Number(value.rawJSON);
  if (Array.isArray(value)) return value.map(plainNumbers);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainNumbers(item)]));
}
