import { arrayAt, isObject, isRawNumber, type Json, objectAt, stringAt, valueAt } from '../json/json.ts';
import { annotationsOf, groupOf, type KubeObject } from '../kubernetes/object.ts';
import { podTemplateOf } from '../kubernetes/workload.ts';
import { passwordsInUrls } from './url-credentials.ts';

/** Names whose value is taken for a secret, wherever they stand: values, env, flags. */
const SECRET_NAME =
  /pass(?:word|wd|phrase)?|token|secret|credential|(?:^|[-_.]|api|access|private)key|auth$/i;
/**
 * A word of its own in camelCase, which `monkey` and `keepalive` are not. Kubernetes' own fields name labels
 * (core/v1 PodAffinityTerm, TopologySpreadConstraint), a public key is there to be seen, and a measure of keys,
 * masked, would take the same number out of every table.
 */
const CAMEL_CASE_KEY = /(?<!topology|[lL]abel|public)(?<=[A-Za-z0-9])Keys?(?![a-z]|Size|Length|Limit|Count)/;
/** Names of something that only says where a secret is: `existingSecret`, `passwordFile`, `secretName`. */
const PLACE_OF_SECRET = /^existing|^automount|pull-?secrets?$|(?:file|path|dir|name|ref)$/i;

export function isSecretName(name: string): boolean {
  return (SECRET_NAME.test(name) || CAMEL_CASE_KEY.test(name)) && !PLACE_OF_SECRET.test(name);
}

export function isSecretObject(object: KubeObject): boolean {
  return isSecretKind({ apiVersion: String(object.apiVersion), kind: String(object.kind) });
}

export function isSecretKind({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean {
  return kind === 'Secret' && groupOf(apiVersion) === '';
}

/**
 * Every value in an object that must never reach a terminal or a log: a Secret's data (decoded), env entries
 * and arguments whose name says so, passwords in URLs, and the same of what kubectl last applied, which may be older.
 */
export function secretValuesOf(object: KubeObject): string[] {
  const lastApplied = annotationsOf(object)['kubectl.kubernetes.io/last-applied-configuration'];
  return [
    ...(isSecretObject(object)
      ? [...strings(objectAt(object, 'data')).flatMap(decoded), ...strings(objectAt(object, 'stringData'))]
      : [...secretsOfContainers(object), ...secretsOfUrls(object)]),
    ...(lastApplied === undefined ? [] : secretValuesOfText(lastApplied)),
  ];
}

/** The text that base64 stands for; where that is no text, the base64 too: it is what would be shown. */
function decoded(base64: string): string[] {
  const bytes = Buffer.from(base64, 'base64');
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? [text] : [text, base64];
}

function secretsOfContainers(object: KubeObject): string[] {
  return containersOf(object).flatMap((container) => [
    ...arrayAt(container, 'env').flatMap((entry) =>
      isSecretName(stringAt(entry, 'name') ?? '') ? strings(valueAt(entry, 'value')) : [],
    ),
    ...secretArguments([...strings(valueAt(container, 'command')), ...strings(valueAt(container, 'args'))]),
  ]);
}

/** Of a pod, of a template, or of one that a ControllerRevision keeps (apps/v1: its `data` patches `spec.template`). */
function containersOf(object: KubeObject): Json[] {
  const podSpec =
    objectAt(podTemplateOf(object), 'spec') ??
    objectAt(object, 'spec') ??
    objectAt(object, 'data', 'spec', 'template', 'spec');
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => arrayAt(podSpec, list));
}

/** Where people put URLs with a password: env, arguments, annotations, a ConfigMap's data. */
function secretsOfUrls(object: KubeObject): string[] {
  const texts = [
    ...containersOf(object).flatMap((container) =>
      ['env', 'command', 'args'].flatMap((field) => strings(valueAt(container, field))),
    ),
    ...strings(objectAt(object, 'metadata', 'annotations')),
    ...(object.kind === 'ConfigMap' ? strings(objectAt(object, 'data')) : []),
  ];
  return texts.flatMap(passwordsInUrls);
}

/** Values of annotations, the object's and its pods', whose name says that they are secret. */
export function secretAnnotationsOf(object: KubeObject): string[] {
  const template = podTemplateOf(object) ?? objectAt(object, 'data', 'spec', 'template');
  return [objectAt(object, 'metadata', 'annotations'), objectAt(template, 'metadata', 'annotations')].flatMap(
    (annotations) =>
      Object.entries(annotations ?? {}).flatMap(([name, value]) =>
        isSecretName(name) ? strings(value) : [],
      ),
  );
}

/** `--auth-token=x` and `--password x`, also within a word that is a shell's command line. */
function secretArguments(args: string[]): string[] {
  return args.flatMap((arg, index) => {
    if (/\s/.test(arg)) return secretsOfShell(arg);
    const flag = secretFlag(arg);
    if (flag === undefined) return [];
    const next = args[index + 1];
    const value = flag.value ?? (next?.startsWith('-') ? undefined : next);
    return value === undefined || value.startsWith('$') ? [] : [value];
  });
}

/** Flags and assignments: `--password x`, `--token="x y"`, `PASSWORD=x`. */
const SHELL_VALUE = /(?:^|[\s;&|("'])(?:--?([\w-]+)(?:=|\s+)|(\w+)=)(?:"([^"]*)"|'([^']*)'|([^\s;&|"')]+))/g;

function secretsOfShell(line: string): string[] {
  return [...line.matchAll(SHELL_VALUE)].flatMap(([, flag, variable, double, single, bare]) => {
    const value = double ?? single ?? bare ?? '';
    const shown = value === '' || value.startsWith('$') || (double === undefined && value.startsWith('-'));
    return isSecretName(flag ?? variable ?? '') && !shown ? [value] : [];
  });
}

/** A flag whose name says that its value is secret; the value is the next word's where it has none. */
export function secretFlag(word: string): { flag: string; value: string | undefined } | undefined {
  const match = /^(--?([\w-]+))(?:=(.*))?$/s.exec(word);
  if (match === null || !isSecretName(match[2]!)) return undefined;
  return { flag: match[1]!, value: match[3] };
}

function secretValuesOfText(text: string): string[] {
  try {
    return secretValuesOf(JSON.parse(text) as KubeObject);
  } catch {
    return [];
  }
}

/** Values of a chart whose key says that they are secret, at any depth. */
export function secretHelmValues(values: Json | undefined): string[] {
  return valuesBelow(values, false);
}

function valuesBelow(value: Json | undefined, secret: boolean): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesBelow(item, secret));
  if (isObject(value)) {
    return Object.entries(value).flatMap(([key, item]) =>
      valuesBelow(item, !PLACE_OF_SECRET.test(key) && (secret || isSecretName(key))),
    );
  }
  if (!secret) return [];
  if (isRawNumber(value)) return [value.rawJSON];
  return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
}

/** Whether a part of an object, such as a container, an env entry or an argument, holds a secret value. */
export function holdsSecret(value: Json | undefined): boolean {
  if (typeof value === 'string') return secretArguments([value]).length > 0;
  if (Array.isArray(value)) return value.some(holdsSecret) || secretArguments(strings(value)).length > 0;
  if (!isObject(value)) return false;
  if (isSecretName(stringAt(value, 'name') ?? '') && typeof value.value === 'string') return true;
  return Object.entries(value).some(
    ([key, item]) => (isSecretName(key) && typeof item === 'string') || holdsSecret(item),
  );
}

/**
 * The values that hide something when masked. One that is the name of the release, its namespace or an object
 * stands in every output and advice anyway; masked, nobody could follow them.
 */
export function withoutNames(values: string[], names: Iterable<string>): string[] {
  const shown = new Set(names);
  return values.filter((value) => !shown.has(value));
}

/** Every string inside a value. */
function strings(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(strings);
  return isObject(value) ? Object.values(value).flatMap(strings) : [];
}
