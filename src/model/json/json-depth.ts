import { BACKSLASH, CLOSE_BRACE, OPEN_BRACE, QUOTE } from './json-bytes.ts';
import { MAX_DEPTH } from './limits.ts';

/** `[` and `{`, `]` and `}` differ in the bit that makes small letters of large ones. */
const BRACE_OF_BRACKET = 0x20;

/**
 * Whether a JSON text is nested deeper than so much, by default than any Kubernetes object is, told before anything is built of it: walking that could
 * overflow the stack. What is no JSON may be told either way.
 */
export function isTextTooDeep(text: string, most = MAX_DEPTH): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at++;
      for (; at < text.length && text.charCodeAt(at) !== QUOTE; at++) {
        if (text.charCodeAt(at) === BACKSLASH) at++;
      }
    } else if ((code | BRACE_OF_BRACKET) === OPEN_BRACE) {
      if (++depth > most) return true;
    } else if ((code | BRACE_OF_BRACKET) === CLOSE_BRACE) {
      depth--;
    }
  }
  return false;
}
