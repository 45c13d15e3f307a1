import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import { type FieldPath, moveObject, namespaceFields } from '../../model/forms/namespace-fields.ts';
import { isObject, jsonEqual } from '../../model/json/json.ts';
import { parseYamlStream, toYaml, valueOfDocument, yamlDocuments } from '../../model/json/yaml.ts';

/**
 * A Helm manifest as it is for the namespace `to`: in its text, only the fields of the closed list are
 * replaced (model/forms/namespace-fields.ts); comments, order and every other character stay.
 * @throws Error where the text is no YAML, or can't be changed so that it says just that (an anchor that is
 *   used elsewhere).
 */
export function moveManifest(text: string, from: string, to: string): string {
  const edits: [start: number, end: number][] = [];
  for (const document of yamlDocuments(text)) {
    if (document === undefined) continue;
    const object = valueOfDocument(document);
    if (!isObject(object)) continue;
    edits.push(...namespaceFields(object, from).flatMap((path) => rangesOf(document.contents, path)));
  }
  let moved = text;
  for (const [start, end] of edits.sort(([a], [b]) => b - a)) {
    moved = moved.slice(0, start) + scalar(text[start], to) + moved.slice(end);
  }
  const wanted = parseYamlStream(text).map((value) =>
    isObject(value) ? moveObject(value, from, to) : value,
  );
  if (!jsonEqual(parseYamlStream(moved), wanted)) {
    throw new Error(`its text names ${from} in a way that can't be rewritten alone (a YAML anchor?)`);
  }
  return moved;
}

/** Where the value at `path` stands in the text; none where it is part of an alias. */
function rangesOf(root: Node | null, path: FieldPath): [start: number, end: number][] {
  let node: unknown = root;
  for (const step of path) {
    if (isMap(node)) {
      // Of several equal keys the last one counts.
      node = node.items.findLast(({ key }) => (isScalar(key) ? key.value : key) === step)?.value;
    } else node = isSeq(node) ? node.items[step as number] : undefined;
  }
  const range = isScalar(node) || isAlias(node) ? (node as Scalar).range : undefined;
  return range ? [[range[0], range[1]]] : [];
}

/** `value` in the quotes that stood there, or bare where YAML lets it. */
function scalar(opening: string | undefined, value: string): string {
  return opening === '"' || opening === "'" ? opening + value + opening : toYaml(value).trim();
}
