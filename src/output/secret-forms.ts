import { printable, printableLine } from './printable.ts';

/**
 * The ways a secret value is written in what a command may print: as it is, as a line of it, and encoded
 * for JSON (ECMAScript's and Go's escapes, also inside a JSON string inside JSON, as in kubectl's
 * last-applied annotation), YAML, a shell, a URL, or base64 (alone, or as part of a longer text).
 */
export function secretForms(value: string): Set<string> {
  const forms = new Set<string>();
  for (const text of [value, ...lines(value)]) {
    forms.add(text);
    forms.add(printable(text));
    forms.add(printableLine(text));
    for (const json of jsonForms(text)) {
      forms.add(json);
      for (const twice of jsonForms(json)) forms.add(twice);
    }
    forms.add(text.replaceAll("'", "''"));
    forms.add(text.replaceAll("'", `'\\''`));
    for (const url of urlForms(text)) forms.add(url);
  }
  for (const base64 of base64Forms(Buffer.from(value))) {
    forms.add(base64);
    forms.add(base64.replaceAll('+', '-').replaceAll('/', '_'));
    for (const url of urlForms(base64)) forms.add(url);
  }
  return forms;
}

/** YAML indents each line of a longer text by itself, so that the text as a whole never appears. */
function lines(value: string): string[] {
  return value.includes('\n') ? value.split(/\r?\n/).map((line) => line.trim()) : [value.trim()];
}

function jsonForms(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  // Go's encoding/json escapes these by default, for JSON inside HTML.
  const go = plain.replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return [plain, go];
}

function urlForms(text: string): string[] {
  const wellFormed = text.toWellFormed();
  const component = encodeURIComponent(wellFormed);
  // RFC 3986 reserves these five, and Go's url.QueryEscape encodes them; encodeURIComponent does not.
  const strict = component.replace(/[!'()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  const form = new URLSearchParams({ '': wellFormed }).toString().slice(1);
  const upper = [component, strict, strict.replaceAll('%20', '+'), form, encodeURI(wellFormed)];
  const lower = upper.map((encoded) => encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  return [...upper, ...lower];
}

/**
 * The base64 text of `bytes`, with and without padding, and the part of it that stays the same wherever the
 * bytes stand in a longer base64 text: 3 bytes become 4 characters, so there are three positions, and the
 * characters shared with a neighbouring byte are left out.
 */
function base64Forms(bytes: Buffer): string[] {
  const whole = bytes.toString('base64');
  const forms = [whole, whole.replace(/=+$/, '')];
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const shared = (before + bytes.length) % 3 === 0 ? 0 : 1;
    const start = before === 0 ? 0 : before + 1;
    forms.push(text.slice(start, text.length - shared));
  }
  return forms;
}
