import {
  Composer,
  type CST,
  type Document,
  type DocumentOptions,
  isAlias,
  isCollection,
  isPair,
  isScalar,
  Lexer,
  LineCounter,
  type ParseOptions,
  Parser,
  type SchemaOptions,
} from 'yaml';
import { BeyondLimit, type YamlLimits } from './limits.ts';

export type BoundedYamlOptions = ParseOptions &
  DocumentOptions &
  SchemaOptions & { limits: YamlLimits; meter: YamlMeter };

/** What was read so far of texts that share one limit. */
export interface YamlMeter {
  tokens: number;
}

/** Between two pauses, in tokens: so many take some 20 ms. */
const PAUSE_EVERY = 5_000;

/**
 * The documents of a YAML stream, each parsed when it is asked for: one that was dealt with need not be kept while the
 * next one is read. What they cost is counted in what the lexer cuts the text into, before anything is made of it.
 * @param meter counts on where the text is one of several.
 * @returns also undefined, now and then: a document is not complete, and something else may be done in between.
 * @throws BeyondLimit as soon as a limit is passed, else YAMLParseError: the first syntax error with its place, and none of
 * the text.
 */
export function* documentsWithin(
  text: string,
  { limits, meter, ...options }: BoundedYamlOptions,
): Generator<Document.Parsed | undefined, void> {
  if (text.length > limits.characters) {
    throw new BeyondLimit(`it has ${text.length} characters, at most ${limits.characters} are read`);
  }
  const lines = new LineCounter();
  const composer = new Composer(options);
  for (const token of tokensWithin(text, { limits, meter }, lines)) {
    if (token === undefined) yield undefined;
    else for (const document of composer.next(token)) yield sound(document, limits, lines);
  }
  for (const document of composer.end()) yield sound(document, limits, lines);
}

function* tokensWithin(
  text: string,
  { limits, meter }: Pick<BoundedYamlOptions, 'limits' | 'meter'>,
  lines: LineCounter,
): Generator<CST.Token | undefined, void> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let tokens = 0;
  let characters = 0;
  let aliases = 0;
  for (const lexeme of new Lexer().lex(text)) {
    characters += lexeme.length;
    if (++meter.tokens > limits.tokens)
      throw new BeyondLimit(`it has more than ${limits.tokens} YAML tokens in ${text.length} characters`);
    if (++tokens > limits.documentTokens) {
      throw new BeyondLimit(
        `one document in its ${text.length} characters has more than ${limits.documentTokens} YAML tokens`,
      );
    }
    if (characters > limits.documentCharacters) {
      throw new BeyondLimit(
        `one document in its ${text.length} characters has more than ${limits.documentCharacters} of them`,
      );
    }
    if (lexeme.startsWith('*') && ++aliases > limits.aliases) {
      throw new BeyondLimit(
        `one document in its ${text.length} characters has more than ${limits.aliases} YAML aliases`,
      );
    }
    if (meter.tokens % PAUSE_EVERY === 0) yield undefined;
    for (const token of parser.next(lexeme)) {
      if (token.type === 'document') tokens = characters = aliases = 0;
      yield token;
    }
    if (parser.stack.length > limits.depth) {
      throw new BeyondLimit(`it is nested more than ${limits.depth} deep`);
    }
  }
  yield* parser.end();
}

function sound(document: Document.Parsed, limits: YamlLimits, lines: LineCounter): Document.Parsed {
  const [error] = document.errors;
  if (error !== undefined) {
    const place = lines.linePos(error.pos[0]);
    error.linePos = [place];
    error.message += ` at line ${place.line}, column ${place.col}`;
    throw error;
  }
  assertExpandable(document, limits);
  return document;
}

/** A long text counts as so many nodes: aliases may stand for one that is. */
const CHARACTERS_A_NODE = 32;

function lengthOf(node: unknown): number {
  return isScalar(node) && typeof node.value === 'string' ? node.value.length : 0;
}

/**
 * An alias stands for all that its anchor holds, and that may hold aliases: a few lines stand for billions of nodes, to
 * whoever walks them.
 */
function assertExpandable(document: Document.Parsed, { expandedNodes }: YamlLimits): void {
  /** By anchor, the nodes that it stands for; an anchor that is still open stands for no end of them. */
  const anchors = new Map<string, number>();
  const sizeOf = (node: unknown): number => {
    if (isAlias(node)) return anchors.get(node.source) ?? 1;
    if (isPair(node)) {
      // Go's JSON has none, and written out as text they take time that doubles with each level.
      if (isCollection(node.key)) throw new Error('a key in it is a list or a map');
      return sizeOf(node.key) + sizeOf(node.value);
    }
    const { anchor } = isCollection(node) || isScalar(node) ? node : {};
    if (anchor !== undefined) anchors.set(anchor, Number.POSITIVE_INFINITY);
    const size = isCollection(node)
      ? node.items.reduce((sum: number, item) => sum + sizeOf(item), 1)
      : 1 + lengthOf(node) / CHARACTERS_A_NODE;
    if (anchor !== undefined) anchors.set(anchor, size);
    return size;
  };
  if (sizeOf(document.contents) > expandedNodes) {
    throw new BeyondLimit(`its YAML aliases stand for more than ${expandedNodes} values`);
  }
}
