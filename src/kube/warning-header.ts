/** `299 - "text"`: warn-code, warn-agent and a quoted text, then perhaps a date (RFC 7234, 5.5). */
const WARNING = /299 \S+ "((?:[^"\\]|\\.)*)"/g;

/**
 * The texts of an HTTP Warning header as the API server sends it
 * (https://kubernetes.io/docs/reference/using-api/deprecation-guide/): deprecated APIs, unknown fields,
 * admission warnings.
 */
export function warningsOf(header: string | string[] | undefined): string[] {
  const text = Array.isArray(header) ? header.join(', ') : (header ?? '');
  // Node reads header bytes as latin1; the API server writes UTF-8.
  const decoded = Buffer.from(text, 'latin1').toString('utf8');
  return [...decoded.matchAll(WARNING)].map(([, quoted = '']) => quoted.replaceAll(/\\(.)/g, '$1'));
}
