import { MASK } from './hide-secrets.ts';
import { isSecretName } from './secrecy.ts';

/** `name=value`, `name: value`, `"name": "value"`, with quotes or without. */
const ASSIGNED = /(["']?)([\w.-]+)\1(\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;&}]+)/g;
const FLAG = /(--?)([\w-]+)(\s+)("[^"]*"|'[^']*'|[^\s-]\S*)/g;
/** Values that say by themselves what they are: HTTP credentials, AWS key ids, JSON Web Tokens, a user's part of a URL. */
const KNOWN: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w+/=.~-]{6,}/gi, `$1 ${MASK}`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, MASK],
  [/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, MASK],
  [/(:\/\/[^\s:/@]*:)[^\s/@]+@/g, `$1${MASK}@`],
  [/(X-Amz-(?:Signature|Credential)=)[^\s&]+/gi, `$1${MASK}`],
];

/**
 * A line of somebody else's program, without what looks like a secret. Values that we know are masked wherever
 * they stand (src/output/redactor.ts); here are those that we may not read, told by what stands before them.
 */
export function hideSecretsInText(line: string): string {
  const known = KNOWN.reduce((text, [pattern, mask]) => text.replaceAll(pattern, mask), line);
  return known
    .replaceAll(ASSIGNED, (whole, quote: string, name: string, sign: string) =>
      isSecretName(name) ? `${quote}${name}${quote}${sign}${MASK}` : whole,
    )
    .replaceAll(FLAG, (whole, dashes: string, name: string, space: string) =>
      isSecretName(name) ? `${dashes}${name}${space}${MASK}` : whole,
    );
}
