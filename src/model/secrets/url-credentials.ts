/**
 * The password of a URL (RFC 3986, 3.2.1, userinfo): between the colon and the last @ before the path; a user's name
 * may be empty, as in `redis://:x@host`. Only `://` is looked for, so that a word of megabytes is read once.
 */
const PASSWORD = /(?<=:\/\/[^\s:/?#@"'<>]{0,256}:)[^\s/?#"'<>]+(?=@)/g;
/** A variable that the kubelet or a shell puts in, or what was masked already. */
const STANDS_FOR_ONE = /^(?:\$\([\w.-]+\)|\$\{[\w.-]+\}|\*+)$/;

/** The passwords in the URLs of a text, as they are written and as they are meant (percent-decoded). */
export function passwordsInUrls(text: string): string[] {
  if (!text.includes('://')) return [];
  return [...text.matchAll(PASSWORD)].flatMap(([written]) => {
    if (STANDS_FOR_ONE.test(written)) return [];
    const meant = percentDecoded(written);
    return meant === written ? [written] : [written, meant];
  });
}

/** The text with `mask` in place of each password in a URL; user and host stay, which somebody may have to look for. */
export function hidePasswordsInUrls(text: string, mask: string): string {
  if (!text.includes('://')) return text;
  return text.replaceAll(PASSWORD, (written) => (STANDS_FOR_ONE.test(written) ? written : mask));
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
