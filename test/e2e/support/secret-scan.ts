/**
 * Finds a secret in a program's output, however it is written there: plain, base64 (also where it starts in
 * the middle of what was encoded), URL- or JSON-escaped.
 */

export type Encoding = 'plain' | 'base64' | 'base64url' | 'url' | 'form' | 'json' | 'json (Go)';

export interface Leak {
  encoding: Encoding;
  /** Where it starts in the text. */
  index: number;
}

/** Every place in `text` that holds `secret`, each way of writing it once. */
export function findLeaks(text: string, secret: string): Leak[] {
  const leaks = new Map<string, Leak>();
  for (const [encoding, needle] of writings(secret)) {
    const index = text.indexOf(needle);
    if (index >= 0 && !leaks.has(needle)) leaks.set(needle, { encoding, index });
  }
  return [...leaks.values()];
}

/** @throws Error naming the encodings (never the secret) where `text` holds one of `secrets`. */
export function assertNoSecret(what: string, text: string, secrets: Iterable<string>): void {
  for (const secret of secrets) {
    const leaks = findLeaks(text, secret);
    if (leaks.length > 0) {
      const places = leaks.map((leak) => `${leak.encoding} at ${leak.index}`).join(', ');
      throw new Error(`${what} shows a Secret's value: ${places}`);
    }
  }
}

function* writings(secret: string): Generator<[Encoding, string]> {
  yield ['plain', secret];
  for (const base64 of base64Alignments(secret)) {
    yield ['base64', base64];
    yield ['base64url', base64.replaceAll('+', '-').replaceAll('/', '_')];
  }
  yield ['url', encodeURIComponent(secret)];
  yield ['form', new URLSearchParams({ s: secret }).toString().slice(2)];
  const json = JSON.stringify(secret).slice(1, -1);
  yield ['json', json];
  // encoding/json's default: https://pkg.go.dev/encoding/json#HTMLEscape
  yield ['json (Go)', json.replaceAll(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)];
}

/**
 * base64 encodes three bytes in four characters, so the same bytes look different depending on how many
 * precede them. The first and last characters also hold bits of the neighbours and are left out.
 */
function base64Alignments(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const firstWhole = before === 0 ? 0 : before + 1;
    const tail = (before + bytes.length) % 3 === 0 ? 0 : 1;
    return encoded.slice(firstWhole, encoded.length - tail);
  });
}
