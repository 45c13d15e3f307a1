import type { LiveRelease } from '../kube/read-release.ts';
import { effectiveRevision } from '../model/helm/helm-release.ts';
import { isObject, type Json, objectAt, stringAt } from '../model/json/json.ts';
import { displayName, type KubeObject, uidOf } from '../model/kubernetes/object.ts';
import type { PodSettings, Skipped, WithheldObject, WithoutSecrets } from '../model/records/backup-format.ts';
import { judgeRoles, UNTIED } from '../model/records/backup-roles.ts';
import type { ClassifiedObject } from '../model/release/release-objects.ts';
import { hideSecretFlags, MASK, mask } from '../model/secrets/hide-secrets.ts';
import { placeOf, plainSecretsOf, secretPartsOf } from '../model/secrets/plain-secrets.ts';
import {
  isSecretKind,
  isSecretObject,
  secretHelmValues,
  secretValuesOf,
  withoutNames,
} from '../model/secrets/secrecy.ts';
import { maskedEnv } from '../model/settings/pod-settings.ts';
import { Redactor, SHORTEST_SECRET } from '../output/redactor.ts';

/** The flag that asks for it, as reasons name it. */
export const WITHOUT_SECRETS = '--without-secrets';

/** What a release's backup holds where no value of a Secret may be in it. */
export interface LeftWithoutSecrets {
  /** What stays, each with the role that whoever reads the backup works out. */
  objects: ClassifiedObject[];
  pods: PodSettings[];
  withoutSecrets: WithoutSecrets;
  /** What was left out because it was asked for, and what had to be left out as well. */
  skipped: Skipped[];
  /** A text of the backup's own without any value that is known. */
  hide: (text: string) => string;
}

/**
 * Leaves out of a release's backup whatever a Secret's value could be in: Secrets, Helm's records (its values and manifests
 * hold them), and objects that hold one in plain text. Without the record an object is the release's where it bears Helm's
 * marks; what only the record names is left out too. Pure.
 * @param objects those of the release, and its namespace.
 */
export function leaveSecretsOut(
  live: LiveRelease,
  objects: readonly ClassifiedObject[],
  pods: readonly PodSettings[],
): LeftWithoutSecrets {
  const known = knownSecrets(live, objects);
  const hide = (text: string): string => hidden(text, known);
  const withheld: Withheld[] = [];
  const kept = objects.filter((object) => {
    const why = whyLeftOut(object.object, known);
    if (why !== undefined) withheld.push({ ...object, ...why });
    return why === undefined;
  });
  const { release, namespaceName: namespace } = live;
  const roleOf = judgeRoles(
    kept.map(({ object }) => object),
    { release, namespace, history: [], everyKind: true },
  );
  const judged = kept.map((object) => ({ ...object, ...roleOf(object.ref) }));
  const untied = kept.filter((_, index) => judged[index]!.from === UNTIED);
  withheld.push(
    ...untied.map((object) => ({ ...object, why: ONLY_IN_RECORD, asked: object.role === 'recorded' })),
  );
  const needed = withheld.filter(({ role }) => role !== 'recorded');
  return {
    objects: judged.filter(({ from }) => from !== UNTIED),
    pods: pods.map((pod) => withoutSecretsOf(pod, hide)),
    withoutSecrets: {
      objects: [...needed.map(withheldObject), ...unreadSecrets(live)],
      records: live.history.flatMap(({ revision, status, record }) => {
        const uid = uidOf(record);
        return uid === undefined ? [] : [{ revision, status, uid }];
      }),
    },
    skipped: [...withheld.map(skipped), ...recordSkipped(live)],
    hide,
  };
}

interface Withheld extends ClassifiedObject {
  why: string;
  /** Whoever asked for no Secrets means it. */
  asked: boolean;
}

const ONLY_IN_RECORD = "only Helm's record says that it is the release's, and the record is left out";

/** Every value of the release's Secrets, and of its Helm values, that must not be in what is kept. */
function knownSecrets(live: LiveRelease, objects: readonly ClassifiedObject[]): Redactor {
  const secrets = objects.map(({ object }) => object).filter(isSecretObject);
  const manifests = live.named.flatMap(({ ref, manifest }) =>
    ref.kind === 'Secret' && manifest !== undefined ? [manifest] : [],
  );
  const { document } = effectiveRevision(live.history) ?? {};
  const values = [
    ...[...secrets, ...manifests].flatMap(secretValuesOf),
    ...live.history.flatMap((revision) => secretHelmValues(revision.document.config)),
    ...secretHelmValues(objectAt(document, 'chart', 'values')),
    ...objects.flatMap(({ object }) => plainSecretsOf(object)),
  ];
  const names = [
    ...[live.release, live.namespaceName],
    ...objects.flatMap(({ object }) => namesIn(object)),
    ...[...secrets, ...manifests].flatMap((secret) => keysOf(secret)),
  ];
  const known = new Redactor();
  const cleaned = withoutNames(values, names).map((value) => withoutCertificates(value).trim());
  const long = cleaned.filter((value) => value.length >= SHORTEST_SECRET);
  const [files, single] = [long.filter(isFile), long.filter((value) => !isFile(value))];
  known.add([...single, ...files.flatMap(secretPartsOf), ...files.map(inJson)]);
  // Base64 of base64, as in a Helm record that somebody copied into a ConfigMap.
  known.add(long.map(inBase64));
  return known;
}

/** What an object is called, and what it calls others by: the name of a Secret, and of a key in one. */
function namesIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    typeof item === 'string' ? (NAMING.has(key) ? [item] : []) : namesIn(item),
  );
}

const NAMING = new Set(['name', 'key', 'secretName']);

function keysOf(secret: KubeObject): string[] {
  return ['data', 'stringData'].flatMap((field) => Object.keys(objectAt(secret, field) ?? {}));
}

/** A text without what is known; nothing of one that holds a file as a whole. */
function hidden(text: string, known: Redactor): string {
  const shown = known.redact(text);
  return known.redact(inJson(shown)) === inJson(shown) ? shown : MASK;
}

function isFile(value: string): boolean {
  return value.includes('\n');
}

/** The whole of it, as it stands in an object's JSON. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function inBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A certificate is there to be seen: a ConfigMap beside the Secret may hold the same one. */
function withoutCertificates(value: string): string {
  return value.replaceAll(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g, '');
}

function whyLeftOut(object: KubeObject, known: Redactor): Pick<Withheld, 'why' | 'asked'> | undefined {
  if (isSecretObject(object)) return { why: `left out, as ${WITHOUT_SECRETS} asks for`, asked: true };
  const named = plainSecretsOf(object);
  if (named.length === 0 && known.redact(JSON.stringify(object)) === JSON.stringify(object)) return undefined;
  const place =
    placeOf(object, (text) => named.includes(text)) ??
    placeOf(object, (text) => named.some((value) => text.includes(value)) || hidden(text, known) !== text);
  return {
    why: `it holds a secret in plain text${place === undefined ? '' : ` (${place})`}, so that it is left out as well; in a Secret it would not be`,
    asked: false,
  };
}

function withheldObject({ ref, role, why, object }: Withheld): WithheldObject {
  const { apiVersion, kind, name } = ref;
  const type = stringAt(object, 'type');
  return {
    ...{ apiVersion, kind, name, role: role === 'owned' ? 'owned' : 'referenced', why },
    ...(isSecretObject(object)
      ? { ...(type === undefined ? {} : { type }), keys: keysOf(object).sort() }
      : {}),
  };
}

/** Secrets that objects of the release name, where none may be read. */
function unreadSecrets({ missing, denied, namespaceName }: LiveRelease): WithheldObject[] {
  if (!denied.some(({ type }) => isSecretKind(type))) return [];
  return missing
    .filter((ref) => isSecretKind(ref) && ref.namespace === namespaceName)
    .map(({ apiVersion, kind, name }) => ({
      ...{ apiVersion, kind, name, role: 'referenced' as const },
      why: 'it may not be read',
    }));
}

function skipped({ ref, why, asked }: Withheld): Skipped {
  return { what: displayName(ref), why, ...(asked ? { asked: true as const } : {}) };
}

function recordSkipped({ history }: LiveRelease): Skipped[] {
  if (history.length === 0) return [];
  const numbers = history.map(({ revision }) => revision).join(', ');
  const where = history.length === 1 ? `revision ${numbers} is` : `revisions ${numbers} are`;
  return [
    {
      what: "Helm's record, values and chart",
      why: `left out, as ${WITHOUT_SECRETS} asks for: ${where} in the cluster alone`,
      asked: true,
    },
  ];
}

/** How a pod was started, without what its environment and arguments hold of secrets. */
function withoutSecretsOf(pod: PodSettings, hide: (text: string) => string): PodSettings {
  const bare = {
    ...pod,
    env: maskedEnv(pod.env),
    command: hideSecretFlags(pod.command, mask),
    args: hideSecretFlags(pod.args, mask),
  };
  return hideTexts(bare as unknown as Json, hide) as unknown as PodSettings;
}

/** Every text of a value, as `hide` leaves it. */
export function hideTexts(value: Json, hide: (text: string) => string): Json {
  if (typeof value === 'string') return hide(value);
  if (Array.isArray(value)) return value.map((item) => hideTexts(item, hide));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hideTexts(item, hide)]));
}
