import { MAY_BE_GO_NUMBER } from './go-number.ts';
import { isRawNumber, type Json } from './json.ts';
import { valueOfWord } from './yaml-words.ts';

/**
 * Writes what clean objects hold as toYaml does, to the byte, in a tenth of the time: maps with words for keys, lists, numbers, and
 * texts in Latin letters. Property tests hold it to `yaml`'s output.
 * @returns undefined where there is anything else in it: that is for `yaml`.
 */
export function writePlainYaml(value: Json): string | undefined {
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return undefined;
  const pieces: string[] = [];
  try {
    write(value, '', pieces);
  } catch (error) {
    if (error === NOT_PLAIN) return undefined;
    throw error;
  }
  return `${pieces.join('')}\n`;
}

/** Thrown at what is not written here. */
const NOT_PLAIN = new Error('not plain YAML');

/** Deeper ones are for yaml, which has its own way of running out of stack. */
const DEEPEST = ' '.repeat(2 * 50);

/** @param indent of the lines that follow the first one. */
function write(value: Json, indent: string, pieces: string[]): void {
  if (typeof value === 'string') pieces.push(textOf(value, indent));
  else if (typeof value === 'number') pieces.push(numberOf(value));
  else if (typeof value !== 'object' || value === null) pieces.push(String(value));
  else if (isRawNumber(value)) pieces.push(value.rawJSON);
  else if (Array.isArray(value)) writeList(value, indent, pieces);
  else writeMap(value, indent, pieces);
}

function writeList(list: Json[], indent: string, pieces: string[]): void {
  if (indent.length > DEEPEST.length) throw NOT_PLAIN;
  if (list.length === 0) pieces.push('[]');
  for (const [index, item] of list.entries()) {
    pieces.push(index === 0 ? '- ' : `\n${indent}- `);
    write(item, `${indent}  `, pieces);
  }
}

function writeMap(map: { [key: string]: Json }, indent: string, pieces: string[]): void {
  if (indent.length > DEEPEST.length) throw NOT_PLAIN;
  let isFirst = true;
  for (const key in map) {
    if (!isFirst) pieces.push(`\n${indent}`);
    isFirst = false;
    if (!KEY.test(key) || isWord(key) || isNumber(key)) throw NOT_PLAIN;
    pieces.push(key, ':');
    const value = map[key]!;
    const inner = `${indent}  `;
    // On the line of their key there is no room for the lines of a list, or of a map.
    pieces.push(isBlock(value) ? `\n${inner}` : ' ');
    write(value, inner, pieces);
  }
  if (isFirst) pieces.push('{}');
}

function isBlock(value: Json): boolean {
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return false;
  if (Array.isArray(value)) return value.length > 0;
  for (const _ in value) return true;
  return false;
}

const KEY = /^[A-Za-z_][\w./-]{0,255}$/;

function isWord(text: string): boolean {
  return valueOfWord(text) !== undefined;
}

/** What YAML 1.1 reads as a number or a time: it begins with a digit, a sign, a point or an exponent. */
const NUMBERS = [
  MAY_BE_GO_NUMBER,
  /^[-+]?(?:0b[0-1_]+|0x[0-9a-fA-F_]+)$/,
  /^[-+]?[0-9][0-9_]*$/,
  /^(?:[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/,
  /^[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*|(?:\.[0-9_]*)?[eE][-+]?[0-9]+)$/,
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
];
/** A date, or what looks like one: whether yaml takes it for one, it says itself. */
const DATE = /^[0-9]{4}-[0-9]/;

/** ASCII, and Latin letters beyond it: nothing that YAML, Go or a terminal takes for anything else. */
const PRINTABLE = /^[\x20-\x7e\u00a1-\u017f]+$/;
/** An indicator at its start, or what would end a scalar or make a key of it (`yaml`'s plainString). */
const NOT_BARE = /^[ ,[\]{}#&*!|>'"%@`]|^[?-]$|^[?-] |: | #|[ :]$/;
/** Not empty, no space at either end, at most one line break behind it. */
const BLOCK = /^[!-~][\n\x20-\x7e\u00a1-\u017f]*[!-~]\n?$/;

function textOf(text: string, indent: string): string {
  if (PRINTABLE.test(text)) {
    if (/^(?:---|\.\.\.)/.test(text) || text === '<<' || text === '=' || DATE.test(text)) throw NOT_PLAIN;
    const isBare = !NOT_BARE.test(text) && !isWord(text) && !isNumber(text);
    return isBare ? text : quoted(text);
  }
  if (text === '') return '""';
  // A marker of documents at the start of a line has rules of its own.
  if (indent === '' || !text.includes('\n') || !BLOCK.test(text) || /^(?:---|\.\.\.)/m.test(text))
    throw NOT_PLAIN;
  const isEnded = text.endsWith('\n');
  const lines = isEnded ? text.slice(0, -1) : text;
  return `${isEnded ? '|' : '|-'}\n${indent}${lines.replace(/\n+/g, `$&${indent}`)}`;
}

function isNumber(text: string): boolean {
  return /^[-+.0-9eE]/.test(text) && NUMBERS.some((number) => number.test(text));
}

/** As `yaml` does it: in double quotes, unless these are all that would have to be escaped. */
function quoted(text: string): string {
  return text.includes('"') && !text.includes("'") ? `'${text}'` : JSON.stringify(text);
}

function numberOf(value: number): string {
  if (!Number.isFinite(value) || Object.is(value, -0)) throw NOT_PLAIN;
  return JSON.stringify(value);
}
