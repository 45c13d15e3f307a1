/** What JSON's structure is told by: ASCII, so one byte in UTF-8 and one code unit in UTF-16 (RFC 8259, RFC 3629). */
export const QUOTE = 0x22;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;

/**
 * The place of the quote that ends a string; -1 where it does not end in `bytes`. Found natively: a loop over each byte takes
 * many times longer, above all before it is compiled.
 * @param from in the string, and not behind an open backslash.
 */
export function closingQuote(bytes: Uint8Array, from: number): number {
  for (let at = from; ; ) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote < 0 || !isEscaped(bytes, quote, from)) return quote;
    at = quote + 1;
  }
}

/** Whether what stands at `at` is behind an open backslash. @param from as {@link closingQuote}'s. */
export function isEscaped(bytes: Uint8Array, at: number, from: number): boolean {
  let run = 0;
  while (at - run > from && bytes[at - run - 1] === BACKSLASH) run++;
  return run % 2 === 1;
}
