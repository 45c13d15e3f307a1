import { arrayAt, isObject, type Json, objectAt, stringAt, valueAt } from './json.ts';
import { groupOf, type KubeObject } from './object.ts';
import { podTemplateOf } from './workload.ts';

/** Names whose value is taken for a secret, wherever they stand: values, env, flags. */
const SECRET_NAME =
  /pass(?:word|wd|phrase)?|token|secret|credential|(?:^|[-_.]|api|access|private)key|auth$/i;

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

export function isSecretObject(object: KubeObject): boolean {
  return object.kind === 'Secret' && groupOf(String(object.apiVersion)) === '';
}

/**
 * Every value in an object that must never reach a terminal or a log: a Secret's data (decoded, and as it
 * stands in a last-applied annotation), and env entries and arguments whose name says so.
 */
export function secretValuesOf(object: KubeObject): string[] {
  if (isSecretObject(object)) {
    const lastApplied = stringAt(
      object,
      'metadata',
      'annotations',
      'kubectl.kubernetes.io/last-applied-configuration',
    );
    return [
      ...strings(objectAt(object, 'data')).map((text) => Buffer.from(text, 'base64').toString('utf8')),
      ...strings(objectAt(object, 'stringData')),
      ...(lastApplied === undefined ? [] : secretValuesOfText(lastApplied)),
    ];
  }
  const podSpec = objectAt(podTemplateOf(object), 'spec') ?? objectAt(object, 'spec');
  return [...arrayAt(podSpec, 'initContainers'), ...arrayAt(podSpec, 'containers')].flatMap((container) => [
    ...arrayAt(container, 'env').flatMap((entry) =>
      isSecretName(stringAt(entry, 'name') ?? '') ? strings(valueAt(entry, 'value')) : [],
    ),
    ...secretArguments([...strings(valueAt(container, 'command')), ...strings(valueAt(container, 'args'))]),
  ]);
}

/** `--auth-token=x` and `--password x`. */
function secretArguments(args: string[]): string[] {
  return args.flatMap((arg, index) => {
    const flag = secretFlag(arg);
    const value = flag === undefined ? undefined : (flag.value ?? args[index + 1]);
    return value === undefined ? [] : [value];
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
  if (Array.isArray(values)) return values.flatMap(secretHelmValues);
  if (!isObject(values)) return [];
  return Object.entries(values).flatMap(([key, value]) =>
    isSecretName(key) ? strings(value) : secretHelmValues(value),
  );
}

/** Every string inside a value. */
function strings(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(strings);
  return isObject(value) ? Object.values(value).flatMap(strings) : [];
}
