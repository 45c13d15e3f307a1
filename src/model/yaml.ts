import { parseAllDocuments, type ScalarTag, stringify } from 'yaml';
import { isRawNumber, type Json, type RawNumber } from './json.ts';

/** Writes a number that JavaScript would change (1.0, 2^60) as the digits it came with. */
const rawNumberTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value) => isRawNumber(value),
  resolve: (text) => Number(text),
  stringify: (item) => (item.value as RawNumber).rawJSON,
};

/**
 * YAML that kubectl and Helm read back as the same value. Both read YAML 1.1 (sigs.k8s.io/yaml), where
 * `y`, `off`, `1_000` and `0o7` are not strings: writing with the 1.1 schema quotes them.
 */
export function toYaml(value: Json): string {
  return stringify(value, {
    version: '1.1',
    customTags: (tags) => [rawNumberTag, ...tags],
    aliasDuplicateObjects: false,
    lineWidth: 0,
  });
}

/**
 * The documents of a Helm manifest or another YAML stream, empty ones left out. Read as YAML 1.1, as Helm
 * does. @throws Error naming the first syntax error and its line.
 */
export function parseYamlStream(text: string): Json[] {
  const documents = parseAllDocuments(text, { version: '1.1', logLevel: 'silent', merge: true });
  const values: Json[] = [];
  for (const document of documents) {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const value = document.toJS({ maxAliasCount: 100 }) as Json;
    if (value !== null) values.push(value);
  }
  return values;
}
