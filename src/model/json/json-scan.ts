import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  closingQuote,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from './json-bytes.ts';
import { BeyondLimit, type JsonLimits } from './limits.ts';

/** What a JSON text consists of, found without building any of it. */
export interface JsonScan {
  /** Values at any depth, the outermost one too. */
  values: number;
  /** Objects and arrays inside one another; 0 of a scalar. */
  depth: number;
  /**
   * Where the value of each member of the outermost object begins and ends, by its name; of equal names the last
   * counts. undefined where the text is no object.
   */
  members: Map<string, [start: number, end: number]> | undefined;
}

const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;

const BLANKS = new Set(bytesOf(' \t\r\n'));
const EXPONENTS = new Set(bytesOf('eE'));
const SIGNS = new Set(bytesOf('+-'));
const HEX_DIGITS = new Set(bytesOf('0123456789abcdefABCDEF'));
/** What may follow a backslash, besides `u` and four digits. */
const ESCAPED = new Set(bytesOf('"\\/bfnrt'));
const LOWER_U = 0x75;
const WORDS = ['true', 'false', 'null'].map(bytesOf);

function bytesOf(text: string): number[] {
  return [...Buffer.from(text)];
}

/**
 * Reads JSON (RFC 8259) in one pass and keeps nothing but counts, so that what a text costs is known before it is
 * parsed. It takes what JSON.parse takes and nothing else: to parse the text afterwards, or a member of it, succeeds.
 * @param text UTF-8.
 * @throws BeyondLimit as soon as a limit is passed, SyntaxError where it is no JSON.
 */
export function scanJson(text: Uint8Array, limits: JsonLimits): JsonScan {
  if (text.length > limits.bytes) {
    throw new BeyondLimit(`it has ${text.length} bytes, at most ${limits.bytes} are read`);
  }
  const members = new Map<string, [start: number, end: number]>();
  /** The brackets that are open, outermost first. */
  const open = new Uint8Array(limits.depth);
  let depth = 0;
  let deepest = 0;
  let values = 0;
  /** Of the outermost object's member that is read. */
  let name = '';
  let start = 0;
  const nameAt = (at: number): number => {
    const end = endOfString(text, at);
    if (depth === 1) name = JSON.parse(Buffer.from(text.subarray(at, end)).toString('utf8')) as string;
    const colon = afterBlanks(text, end);
    return afterBlanks(text, expect(text, colon, COLON));
  };
  let at = afterBlanks(text, 0);
  for (;;) {
    if (depth === 1) start = at;
    if (++values > limits.values)
      throw new BeyondLimit(`it holds more than ${limits.values} JSON values in ${text.length} bytes`);
    const byte = text[at];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (depth === limits.depth) throw new BeyondLimit(`it is nested more than ${limits.depth} deep`);
      open[depth++] = byte;
      deepest = Math.max(deepest, depth);
      at = afterBlanks(text, at + 1);
      if (text[at] !== closing(byte)) {
        if (byte === OPEN_BRACE) at = nameAt(at);
        continue;
      }
      depth--;
      at++;
    } else {
      at = endOfScalar(text, at);
    }
    // A value ends here, and with it perhaps those around it.
    for (;;) {
      if (depth === 1 && open[0] === OPEN_BRACE) {
        members.set(name, [start, at]);
        if (members.size > limits.members) {
          throw new BeyondLimit(`it has more than ${limits.members} fields`);
        }
      }
      at = afterBlanks(text, at);
      if (depth === 0) {
        if (at < text.length) throw wrong(at);
        return { values, depth: deepest, members: open[0] === OPEN_BRACE ? members : undefined };
      }
      const around = open[depth - 1]!;
      if (text[at] === COMMA) {
        at = afterBlanks(text, at + 1);
        if (around === OPEN_BRACE) at = nameAt(at);
        break;
      }
      at = expect(text, at, closing(around));
      depth--;
    }
  }
}

function closing(bracket: number): number {
  return bracket === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
}

/** Never quotes the text: it may be a Secret's. */
function wrong(at: number): SyntaxError {
  return new SyntaxError(`it is no JSON at byte ${at}`);
}

function expect(text: Uint8Array, at: number, byte: number): number {
  if (text[at] !== byte) throw wrong(at);
  return at + 1;
}

function afterBlanks(text: Uint8Array, at: number): number {
  let end = at;
  while (BLANKS.has(text[end]!)) end++;
  return end;
}

function endOfScalar(text: Uint8Array, at: number): number {
  const first = text[at];
  if (first === QUOTE) return endOfString(text, at);
  if (first === MINUS || isDigit(first)) return endOfNumber(text, at);
  const word = WORDS.find(([letter]) => letter === first);
  if (word === undefined) throw wrong(at);
  return word.reduce((end, letter) => expect(text, end, letter), at);
}

/** Shorter ones are not worth a parser's call. */
const LONG_STRING = 32;

function endOfString(text: Uint8Array, at: number): number {
  let end = expect(text, at, QUOTE);
  for (let longAt: number | undefined = end + LONG_STRING; ; ) {
    const byte = text[end];
    if (byte === QUOTE) return end + 1;
    if (byte === undefined || byte < 0x20) throw wrong(end);
    end = byte === BACKSLASH ? endOfEscape(text, end + 1) : end + 1;
    if (longAt === undefined || end < longAt) continue;
    const long = endOfLongString(text, at);
    if (long !== undefined) return long;
    longAt = undefined;
  }
}

/** Most of a Helm record is a few long texts. @returns undefined where it is none: what is wrong with it, the slow way tells. */
function endOfLongString(text: Uint8Array, at: number): number | undefined {
  const quote = closingQuote(text, at + 1);
  if (quote < 0) return undefined;
  try {
    // Bytes beyond ASCII are ordinary characters of a string, whatever they stand for.
    JSON.parse(Buffer.from(text.buffer, text.byteOffset + at, quote + 1 - at).toString('latin1'));
    return quote + 1;
  } catch {
    return undefined;
  }
}

function endOfEscape(text: Uint8Array, at: number): number {
  if (ESCAPED.has(text[at]!)) return at + 1;
  if (text[at] !== LOWER_U) throw wrong(at);
  for (let digit = at + 1; digit <= at + 4; digit++) if (!HEX_DIGITS.has(text[digit]!)) throw wrong(digit);
  return at + 5;
}

function endOfNumber(text: Uint8Array, at: number): number {
  let end = text[at] === MINUS ? at + 1 : at;
  end = text[end] === ZERO ? end + 1 : afterDigits(text, end);
  if (text[end] === POINT) end = afterDigits(text, end + 1);
  if (!EXPONENTS.has(text[end]!)) return end;
  return afterDigits(text, SIGNS.has(text[end + 1]!) ? end + 2 : end + 1);
}

function afterDigits(text: Uint8Array, at: number): number {
  if (!isDigit(text[at])) throw wrong(at);
  let end = at + 1;
  while (isDigit(text[end])) end++;
  return end;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
