/** What a scalar stands for. @param isPlain it stands without quotes. */
export type ScalarReader = (text: string, isPlain: boolean) => unknown;

export interface PlainYamlLimits {
  /** Of the text. Each character is at most three of YAML's tokens. */
  characters: number;
  /** Maps and lists inside one another. */
  depth: number;
}

/**
 * Reads what programs write most: one document in block style, in ASCII, whose keys are plain words and whose scalars stand on the
 * line of their key (`- name: a`, `x: "b"`, `y: |`, `[a, "b"]`, `{}`). It takes a twentieth of what a whole parser takes, and need not load one.
 * @returns undefined for anything else, also what is no YAML and what is beyond the limits: that is for `yaml`, whose results, errors and
 *   limits are the ones that count. Never what `yaml` would read otherwise.
 */
export function readPlainYaml(
  text: string,
  limits: PlainYamlLimits,
  scalar: ScalarReader,
): { value: unknown } | undefined {
  if (text.length > limits.characters || !PRINTABLE.test(text)) return undefined;
  try {
    const reader = new PlainReader(text, limits.depth, scalar);
    return { value: reader.document() };
  } catch (error) {
    if (error === NOT_PLAIN) return undefined;
    throw error;
  }
}

/** No tab, no carriage return: each has rules of its own. */
const PRINTABLE = /^[\n\x20-\x7e]*$/;

/** Thrown at what is not read here. */
const NOT_PLAIN = new Error('not plain YAML');

/** An entry of a map: its key, and what stands behind the colon. */
const ENTRY = /^([A-Za-z_][\w./-]{0,255}):(?: (.+))?$/;

/** A scalar without quotes: no indicator at its start, no space at its end. A dash alone would be a list. */
const PLAIN = /^(?:[\w./~+]|-(?=[^ ]))(?:.*[^ ])?$/;
/** What would end it, or make a key of it. */
const NOT_IN_PLAIN = /: |:$| #/;

const DOUBLE_QUOTED = /^"(?:[^"\\]|\\["\\/bfnrt])*"$/;
const SINGLE_QUOTED = /^'(?:[^']|'')*'$/;

const FLOW_SCALAR = String.raw`"[^"\\]*"|'[^']*'|-{0,2}[\w./][\w./-]*`;
const FLOW_KEY = String.raw`([A-Za-z_][\w./-]{0,255}): `;
/** `[a, "b"]`, `{a: b, c: "d"}`, of scalars alone; what is empty is written otherwise. */
const FLOW_LIST = new RegExp(`^\\[ ?(?:${FLOW_SCALAR})(?:, (?:${FLOW_SCALAR}))* ?\\]$`);
const FLOW_MAP = new RegExp(`^\\{ ?${FLOW_KEY}(?:${FLOW_SCALAR})(?:, ${FLOW_KEY}(?:${FLOW_SCALAR}))* ?\\}$`);
const FLOW_ITEM = new RegExp(FLOW_SCALAR, 'g');
const FLOW_ENTRY = new RegExp(`${FLOW_KEY}(${FLOW_SCALAR})`, 'g');

interface Line {
  indent: number;
  /** Without its indentation. */
  text: string;
}

class PlainReader {
  readonly #lines: readonly string[];
  readonly #maxDepth: number;
  readonly #scalar: ScalarReader;
  /** Of the line to read next. */
  #at = 0;

  constructor(text: string, maxDepth: number, scalar: ScalarReader) {
    this.#lines = text.split('\n');
    this.#maxDepth = maxDepth;
    this.#scalar = scalar;
  }

  document(): unknown {
    const first = this.#peek();
    if (first?.indent === 0 && first.text === '---') this.#at += 1;
    const root = this.#peek();
    if (root === undefined || root.indent !== 0 || !ENTRY.test(root.text)) throw NOT_PLAIN;
    const value = this.#map(0, root.text, 1);
    if (this.#peek() !== undefined) throw NOT_PLAIN;
    return value;
  }

  /** The next line with something on it; comments and blank lines before it are passed. */
  #peek(): Line | undefined {
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at]!;
      const indent = line.search(/[^ ]/);
      if (indent >= 0 && line[indent] !== '#') return { indent, text: line.slice(indent) };
    }
    return undefined;
  }

  /** @param first its first entry; the others follow on lines of their own. */
  #map(indent: number, first: string, depth: number): Record<string, unknown> {
    if (depth > this.#maxDepth) throw NOT_PLAIN;
    const map: Record<string, unknown> = {};
    for (let text = first; ; ) {
      const [, key = '', rest] = ENTRY.exec(text) ?? [];
      if (key === '') throw NOT_PLAIN;
      this.#at += 1;
      this.#set(map, key, rest === undefined ? this.#below(indent, depth) : this.#inline(rest, indent));
      const next = this.#peek();
      if (next === undefined || next.indent < indent) return map;
      // Farther in, a scalar would go on.
      if (next.indent > indent || next.text.startsWith('-')) throw NOT_PLAIN;
      text = next.text;
    }
  }

  /** What a key alone on its line stands for: a list may begin right below the key, a map is farther in. */
  #below(indent: number, depth: number): unknown {
    const next = this.#peek();
    const isItem = next !== undefined && isListItem(next.text);
    if (next === undefined || next.indent < indent || (next.indent === indent && !isItem))
      return this.#scalar('', true);
    if (isItem) return this.#list(next.indent, depth + 1);
    return this.#map(next.indent, next.text, depth + 1);
  }

  #list(indent: number, depth: number): unknown[] {
    if (depth > this.#maxDepth) throw NOT_PLAIN;
    const list: unknown[] = [];
    for (;;) {
      const next = this.#peek();
      if (next === undefined || next.indent < indent) return list;
      if (!isListItem(next.text)) {
        if (next.indent === indent) return list;
        throw NOT_PLAIN;
      }
      if (next.indent > indent) throw NOT_PLAIN;
      const item = next.text.slice(2);
      if (ENTRY.test(item)) list.push(this.#map(indent + 2, item, depth + 1));
      else {
        this.#at += 1;
        list.push(this.#inline(item, indent));
      }
    }
  }

  /** @param parent indentation of the key or the dash before it. */
  #inline(text: string, parent: number): unknown {
    if (text === '|' || text === '|-') return this.#scalar(this.#literal(parent, text === '|'), false);
    if (text === '[]') return [];
    if (text === '{}') return {};
    if (FLOW_LIST.test(text)) return this.#flowList(text);
    if (FLOW_MAP.test(text)) return this.#flowMap(text);
    if (DOUBLE_QUOTED.test(text)) return this.#scalar(JSON.parse(text) as string, false);
    if (SINGLE_QUOTED.test(text)) return this.#scalar(text.slice(1, -1).replaceAll("''", "'"), false);
    if (!PLAIN.test(text) || NOT_IN_PLAIN.test(text)) throw NOT_PLAIN;
    return this.#scalar(text, true);
  }

  #flowList(text: string): unknown[] {
    return Array.from(text.matchAll(FLOW_ITEM), ([item]) => this.#flowScalar(item));
  }

  #flowMap(text: string): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (const [, key = '', value = ''] of text.matchAll(FLOW_ENTRY))
      this.#set(map, key, this.#flowScalar(value));
    return map;
  }

  #flowScalar(text: string): unknown {
    const isQuoted = /^["']/.test(text);
    return this.#scalar(isQuoted ? text.slice(1, -1) : text, !isQuoted);
  }

  /** A key that is there already is an error to some; to others it is the one that counts. */
  #set(map: Record<string, unknown>, key: string, value: unknown): void {
    if (key === '' || key === '__proto__' || this.#scalar(key, true) !== key || Object.hasOwn(map, key))
      throw NOT_PLAIN;
    map[key] = value;
  }

  /** The lines of a literal block, which its first line indents. */
  #literal(parent: number, keepsNewline: boolean): string {
    const first = this.#lines[this.#at] ?? '';
    const indent = first.search(/[^ ]/);
    if (indent <= parent) throw NOT_PLAIN;
    const content: string[] = [];
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at]!;
      const own = line.search(/[^ ]/);
      if (own >= 0 && own < indent) break;
      content.push(line.slice(indent));
    }
    while (content.at(-1) === '') content.pop();
    return content.join('\n') + (keepsNewline ? '\n' : '');
  }
}

function isListItem(text: string): boolean {
  return text.startsWith('- ');
}
