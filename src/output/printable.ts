/**
 * Text from the cluster (names, messages, annotations, file contents) may hold escape sequences that move
 * the cursor, retitle the window or hide a line. They are shown as `\u001b`, never sent: the form that JSON
 * and YAML's double quotes read back as the same character, so escaping keeps such data valid.
 */

/**
 * What a terminal acts on instead of showing: C0 without newline and tab, DEL, C1, and the marks that
 * reorder text or break lines unseen (Unicode TR 36, section 2.8: ALM, LRM, RLM, LS, PS, embeddings,
 * overrides, isolates).
 */
const CONTROL =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** `text` with control characters escaped; newlines and tabs stay, for text whose lines are ours. */
export function printable(text: string): string {
  return text.replace(CONTROL, escapeControl);
}

/** `text` as one line: newlines and tabs are escaped too. For table cells and names. */
export function printableLine(text: string): string {
  return isPlain(text) ? text : oneLine(printable(text));
}

/** Whether `text` is of nothing but printable ASCII, as most cells of a table are. */
export function isPlain(text: string): boolean {
  return !/[^ -~]/.test(text);
}

/** `text` with its newlines and tabs escaped. */
export function oneLine(text: string): string {
  return text.replace(/[\n\t]/g, (control) => (control === '\n' ? '\\n' : '\\t'));
}

/** A text that somebody wrote in lines of his own (notes, a manifest): those stay, also where they end as on Windows. */
export function printableText(text: string): string {
  return printable(text.replaceAll('\r\n', '\n'));
}

function escapeControl(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
