import { MASK } from '../model/secrets/hide-secrets.ts';
import { hidePasswordsInUrls } from '../model/secrets/url-credentials.ts';
import { secretForms } from './secret-forms.ts';

/**
 * Shorter values are not masked: "true", "11211" or "admin" stand in every output by chance, and masking
 * them would garble names, numbers and the commands we advise while hiding nothing that is hard to guess.
 * Six is also where the shortest base64 part of a value (7 characters) stops matching by chance.
 */
export const SHORTEST_SECRET = 6;

/** Our own name stands in every advice; a Secret that holds it (a user named "memcached") gives nothing away. */
const OWN_WORDS = new Set(['memcached', 'backup', 'memcached-backup']);

/** Masks secret values in whatever text passes through. See {@link secretForms} for the encodings it knows. */
export class Redactor {
  readonly #values = new Set<string>();
  /** Values whose forms are not in the index yet: most runs print little, so the work waits for a text. */
  #pending: string[] = [];
  /** First characters of a form → the forms that start so, longest first. */
  readonly #index = new Map<string, string[]>();
  /** Whether any form starts with these two characters, by hash: passes over ordinary text quickly. */
  readonly #starts = new Uint8Array(1 << 16);

  add(values: Iterable<string>): void {
    for (const value of values) {
      if (value.trim().length < SHORTEST_SECRET || OWN_WORDS.has(value.trim()) || this.#values.has(value))
        continue;
      this.#values.add(value);
      this.#pending.push(value);
    }
  }

  /**
   * `text` with every known secret replaced by `***`, and the password of every URL, known or not; overlapping ones
   * become one mask.
   */
  redact(whole: string): string {
    this.#buildIndex();
    const text = hidePasswordsInUrls(whole, MASK);
    if (this.#index.size === 0) return text;
    let result = '';
    let copied = 0;
    let maskStart = -1;
    let maskEnd = -1;
    for (let at = 0; at + SHORTEST_SECRET <= text.length; at++) {
      if (this.#starts[startHash(text, at)] === 0) continue;
      const length = this.#matchAt(text, at);
      if (length === 0) continue;
      if (at > maskEnd) {
        if (maskStart >= 0) result += text.slice(copied, maskStart) + MASK;
        if (maskStart >= 0) copied = maskEnd;
        maskStart = at;
      }
      maskEnd = Math.max(maskEnd, at + length);
    }
    if (maskStart < 0) return text;
    return result + text.slice(copied, maskStart) + MASK + text.slice(maskEnd);
  }

  #matchAt(text: string, at: number): number {
    const forms = this.#index.get(text.slice(at, at + SHORTEST_SECRET));
    return forms?.find((form) => text.startsWith(form, at))?.length ?? 0;
  }

  #buildIndex(): void {
    if (this.#pending.length === 0) return;
    // Each of hundreds of releases brings some: the lists of all others are in order.
    const changed = new Set<string[]>();
    for (const form of this.#pending.flatMap((value) => [...secretForms(value)])) {
      if (form.length < SHORTEST_SECRET || OWN_WORDS.has(form)) continue;
      const key = form.slice(0, SHORTEST_SECRET);
      const forms = this.#index.get(key);
      if (forms === undefined) this.#index.set(key, [form]);
      else if (!forms.includes(form)) {
        forms.push(form);
        changed.add(forms);
      }
      this.#starts[startHash(form, 0)] = 1;
    }
    for (const forms of changed) forms.sort((a, b) => b.length - a.length);
    this.#pending = [];
  }
}

function startHash(text: string, at: number): number {
  return (text.charCodeAt(at) * 251 + text.charCodeAt(at + 1)) & 0xffff;
}
