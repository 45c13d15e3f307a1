import { type Document, type ScalarTag, stringify, type Tags } from 'yaml';
import { documentsWithin, type YamlMeter } from './bounded-yaml.ts';
import { goNumber, MAY_BE_GO_NUMBER } from './go-number.ts';
import { isRawNumber, type Json, type RawNumber } from './json.ts';
import { YAML_LIMITS } from './limits.ts';
import { readPlainStream } from './plain-yaml-stream.ts';
import { writePlainYaml } from './plain-yaml-writer.ts';

/** Writes a number that JavaScript would change (1.0, 2^60) as the digits it came with. */
const rawNumberTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value) => isRawNumber(value),
  resolve: (text) => Number(text),
  stringify: (item) => (item.value as RawNumber).rawJSON,
};

/** Reads numbers as Go does, and quotes strings that Go would take for one. */
const goNumberTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: MAY_BE_GO_NUMBER,
  resolve: (text) => goNumber(text) ?? text,
};

/**
 * YAML that kubectl and Helm read back as the same value. Both read it with sigs.k8s.io/yaml, which is YAML
 * 1.1 with Go's own idea of numbers: there `y`, `off`, `1_000` and `0o7` are not strings. Other readers of
 * YAML 1.1 get the same value too.
 */
export function toYaml(value: Json): string {
  return writePlainYaml(value) ?? toAnyYaml(value);
}

/** The same of whatever there is, by `yaml`. */
export function toAnyYaml(value: Json): string {
  return stringify(value, {
    version: '1.1',
    customTags: (tags) => [rawNumberTag, goNumberTag, ...tags.filter(isNoMerge).map(quotingForGo)],
    aliasDuplicateObjects: false,
    lineWidth: 0,
  });
}

/**
 * The documents of a Helm manifest or another YAML stream, empty ones left out. Read as Helm does: YAML 1.1,
 * the last of several equal keys counts.
 * @throws BeyondLimit where it is larger than YAML_LIMITS, Error naming the first syntax error and its line.
 */
export function parseYamlStream(text: string): Json[] {
  return [...yamlValues(text)].filter((value) => value !== undefined);
}

/**
 * The same, each read when it is asked for; undefined now and then, so that something else may be done in between.
 * @param meter of texts that YAML_LIMITS holds for as one.
 */
export function* yamlValues(
  text: string,
  meter: YamlMeter = { tokens: 0 },
): Generator<Json | undefined, void> {
  const plain = readPlainStream(text, meter);
  if (plain !== undefined) {
    yield* plain;
    return;
  }
  for (const document of yamlDocuments(text, meter)) {
    const value = document === undefined ? undefined : valueOfDocument(document);
    if (value !== null) yield value;
  }
}

/** What a document of yamlDocuments stands for; that its aliases can be expanded, is known. */
export function valueOfDocument(document: Document.Parsed): Json {
  return document.toJS({ maxAliasCount: -1 }) as Json;
}

/** The same as nodes that know where in `text` they stand. @throws as parseYamlStream. */
export function yamlDocuments(
  text: string,
  meter: YamlMeter = { tokens: 0 },
): Generator<Document.Parsed | undefined, void> {
  return documentsWithin(text, {
    limits: YAML_LIMITS,
    meter,
    version: '1.1',
    customTags: (tags) => [goNumberTag, ...tags.filter(isReadAlike)],
    uniqueKeys: false,
    logLevel: 'silent',
    merge: true,
  });
}

type Tag = Tags[number];

/** Scalars that YAML 1.1 and Go read differently: numbers have a tag of their own here, times are text to Go. */
const READ_OTHERWISE = new Set(['int', 'float', 'timestamp'].map((type) => `tag:yaml.org,2002:${type}`));

function isReadAlike(tag: Tag): boolean {
  return typeof tag !== 'object' || !READ_OTHERWISE.has(tag.tag);
}

/** Without the merge type a `<<` of ours is a string like any other. */
function isNoMerge(tag: Tag): boolean {
  return typeof tag !== 'object' || tag.tag !== 'tag:yaml.org,2002:merge';
}

/**
 * Go's reader breaks lines at U+2028 and U+2029 and refuses others, unless they are escaped (reader.go). The rest
 * moves or reorders what a terminal shows (Unicode TR 36): escaped, it is the same value and shows what it is.
 */
const ESCAPED =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g;

/**
 * Go merges a plain `<<` and finds no indentation where a block's first line starts with a tab (scanner.go);
 * YAML 1.1 has a type for `=`; of a block of blank lines nobody could tell its own spaces.
 */
const NEVER_BARE = /^(?:<<|=)$|^\n*\t|^\s*\n\s*$/;

function quotingForGo(tag: Tag): Tag {
  if (typeof tag !== 'object' || tag.tag !== 'tag:yaml.org,2002:str' || !('stringify' in tag)) return tag;
  const { stringify: usual } = tag as ScalarTag;
  return {
    ...tag,
    stringify: (item, ...rest) => {
      const text = String(item.value);
      return text.search(ESCAPED) >= 0 || NEVER_BARE.test(text) ? quoted(text) : usual!(item, ...rest);
    },
  } as ScalarTag;
}

/** A JSON string is a double-quoted YAML one; what JSON leaves as it is is escaped on top. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
