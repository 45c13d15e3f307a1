/** Characters of help that an ASCII terminal has not, as it may be shown them. */
const ASCII: Readonly<Record<string, string>> = { '…': '...', '’': "'", '“': '"', '”': '"', '→': '->' };

/**
 * A paragraph as roff (groff(7), "Escape sequences"): nothing of it is a request, and every hyphen and quote is the one that is typed.
 * @throws Error for a character that is not known to look well everywhere.
 */
export function roffText(text: string): string {
  return guarded(escaped(text).replaceAll(/(?<!\w)-|-(?=-)/g, '\\-'));
}

/** Words that are typed, and copied from the page: each hyphen is a minus. */
export function typed(text: string): string {
  return guarded(escaped(text).replaceAll('-', '\\-'));
}

function escaped(text: string): string {
  const ascii = text.replaceAll(/[^\x20-\x7e]/g, (character) => {
    const shown = ASCII[character];
    if (shown === undefined) throw new Error(`no ASCII for "${character}" in: ${text}`);
    return shown;
  });
  return ascii
    .replaceAll('\\', '\\e')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('`', '\\(ga');
}

/** A line that begins with a full stop would be a request. */
function guarded(line: string): string {
  return line.startsWith('.') ? `\\&${line}` : line;
}
