import { arrayAt, isObject, type JsonObject, objectAt } from '../json/json.ts';
import { type KubeObject, refOf } from '../kubernetes/object.ts';
import { podTemplateOf } from '../kubernetes/workload.ts';

/** What a schedule's `backup` is told: which releases it saves, and how. */
export interface ScheduledBackup {
  /** Empty: every memcached release of where it looks. */
  releases: string[];
  /** Where it looks; undefined: in every namespace. */
  namespace: string | undefined;
  /** -l, where it is given. */
  selector: string | undefined;
  /** Its --keep-… flags, each with its value: "--keep-within 30d". */
  keep: string[];
  /** Public keys that it seals to; those of a file are in the pod alone. */
  encryptTo: string[];
  isSealed: boolean;
  verifies: boolean;
  /** The cluster's folder in the store, where it is given. */
  clusterName?: string;
}

/** Flags of `backup` that stand alone; any other takes the next word as its value. */
const ALONE = new Set([
  'all-namespaces',
  'allow-plain-secrets',
  'debug',
  'disable-compression',
  'encrypt-passphrase',
  'insecure-skip-tls-verify',
  'no-headers',
  'verify',
  'without-secrets',
]);
const SHORT: Readonly<Record<string, string>> = {
  A: 'all-namespaces',
  l: 'selector',
  n: 'namespace',
  o: 'output',
  s: 'server',
};
/** "kubectl memcached-backup backup cart -n shop" in a script, up to the end of the command. */
const IN_SCRIPT = /memcached[-_]backup["']?\s+backup\b([^\n;|&]*)/;

/**
 * What the container of a CronJob of this tool is started with, read as the command line reads it. Undefined where no
 * container runs `backup`.
 */
export function scheduledBackup(cronJob: KubeObject): ScheduledBackup | undefined {
  for (const container of arrayAt(objectAt(podTemplateOf(cronJob), 'spec'), 'containers').filter(isObject)) {
    const words = backupWords(container);
    if (words !== undefined) return read(words, refOf(cronJob).namespace);
  }
  return undefined;
}

/** The words after `backup`. */
function backupWords(container: JsonObject): string[] | undefined {
  const words = [...arrayAt(container, 'command'), ...arrayAt(container, 'args')].filter(
    (word) => typeof word === 'string',
  );
  const at = words.indexOf('backup');
  if (at >= 0) return words.slice(at + 1);
  const inScript = words.map((word) => IN_SCRIPT.exec(word)?.[1]).find((rest) => rest !== undefined);
  return inScript
    ?.split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
}

function read(words: readonly string[], ownNamespace: string | undefined): ScheduledBackup {
  const { releases, flags } = parse(words);
  const last = (name: string): string | undefined => flags.get(name)?.at(-1);
  const encryptTo = flags.get('encrypt-to') ?? [];
  const clusterName = last('cluster-name');
  return {
    releases,
    namespace: isSet(last('all-namespaces')) ? undefined : (last('namespace') ?? ownNamespace),
    selector: last('selector'),
    keep: [...flags].filter(([name]) => name.startsWith('keep-')).map(([name]) => `--${name} ${last(name)}`),
    encryptTo,
    isSealed: encryptTo.length > 0 || flags.has('recipients-file'),
    verifies: isSet(last('verify')),
    ...(clusterName === undefined ? {} : { clusterName }),
  };
}

function parse(words: readonly string[]): { releases: string[]; flags: Map<string, string[]> } {
  const releases: string[] = [];
  const flags = new Map<string, string[]>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const flag = flagIn(word);
    if (flag === undefined) {
      releases.push(word);
      continue;
    }
    const value = flag.value ?? (ALONE.has(flag.name) ? 'true' : words[++at]);
    if (value !== undefined) flags.set(flag.name, [...(flags.get(flag.name) ?? []), value]);
  }
  return { releases, flags };
}

/** "--name", "--name=value", "-n", "-nvalue", "-n=value". */
function flagIn(word: string): { name: string; value?: string } | undefined {
  const long = /^--([^=]+)(?:=(.*))?$/s.exec(word);
  if (long !== null) return { name: long[1]!, ...(long[2] === undefined ? {} : { value: long[2] }) };
  const short = /^-([A-Za-z])=?(.*)$/s.exec(word);
  const name = short === null ? undefined : SHORT[short[1]!];
  if (name === undefined) return undefined;
  return { name, ...(short![2] === '' ? {} : { value: short![2]! }) };
}

function isSet(value: string | undefined): boolean {
  return value === 'true';
}
