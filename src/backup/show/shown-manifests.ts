import { clean } from '../../model/forms/clean.ts';
import { isObject, type Json, jsonEqual } from '../../model/json/json.ts';
import { toYaml } from '../../model/json/yaml.ts';
import { inInstallOrder } from '../../model/kubernetes/install-order.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';
import { hideSecrets, mask } from '../../model/secrets/hide-secrets.ts';
import { printable } from '../../output/printable.ts';
import { Redactor } from '../../output/redactor.ts';
import type { BackupReader } from '../../store/store.ts';
import { secretsOfSource } from '../release-secrets.ts';
import type { RestoreSource } from '../source.ts';

/** A manifest that may be shown. */
export interface ShownManifest {
  /** manifests/….yaml */
  path: string;
  object: KubeObject;
  /** The file's own text where it holds no secret and nothing that moves a terminal; else YAML of the masked object. */
  text: string;
  isMasked: boolean;
}

/** The manifests of a backup in Helm's install order, secrets masked. */
export async function shownManifests(reader: BackupReader, source: RestoreSource): Promise<ShownManifest[]> {
  const redactor = new Redactor();
  redactor.add(secretsOfSource(source));
  const ordered = inInstallOrder(source.objects, ({ ref }) => ref.kind);
  return Promise.all(
    ordered.flatMap(({ entry, raw }) => {
      const path = entry.manifest;
      if (path === undefined) return [];
      const whole = clean(raw).object;
      // Masked as data: in the finished YAML an unquoted *** would be an alias.
      const object = redacted(hideSecrets(whole, mask), redactor) as KubeObject;
      const isMasked = !jsonEqual(object, whole);
      return [
        (async (): Promise<ShownManifest> => {
          const own = isMasked ? undefined : (await reader.read(path)).toString();
          // What escaping would change in the text is escaped as YAML does, which is read back as the same.
          const text = own === undefined || printable(own) !== own ? toYaml(object) : own;
          return { path, object, text: text.endsWith('\n') ? text : `${text}\n`, isMasked };
        })(),
      ];
    }),
  );
}

function redacted(value: Json, redactor: Redactor): Json {
  if (typeof value === 'string') return redactor.redact(value);
  if (Array.isArray(value)) return value.map((item) => redacted(item, redactor));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redacted(item, redactor)]));
}
