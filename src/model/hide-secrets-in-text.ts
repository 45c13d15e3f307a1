import { MASK } from './hide-secrets.ts';
import { isSecretName } from './secrecy.ts';

/** `name=`, `name: `, `"name": `, tried at the beginning of a name only: a line may be megabytes of one word. */
const NAME = /(?<![\w.-])((?:\\{0,3}["'])?)([\w.-]+)\1\s*[:=]\s*/g;
/** What it is given: in quotes, in those of JSON within a string, or one word. */
const VALUE = /(\\{1,3}["']).*?\1|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&}]+/y;
/** The kubelet's own words, which name a secret and do not give it away: `volume "token" : secret "x" not found`. */
const NO_VALUE = /(?:["']\s+:\s+|non-existent (?:secret|config) key: )$/;
const FLAG = /(?<![\w-])(--?)([\w-]+)(\s+)("[^"]*"|'[^']*'|[^\s-]\S*)/g;
/** Values that say by themselves what they are: HTTP credentials, AWS key ids, JSON Web Tokens, a user's part of a URL. */
const KNOWN: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w+/=.~-]{6,}/gi, `$1 ${MASK}`],
  [/\b(authorization["']?\s*[:=]\s*["']?)(?!\s|bearer\b|basic\b)[^"'\r\n]+/gi, `$1${MASK}`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, MASK],
  [/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, MASK],
  [/(:\/\/[^\s:/@]*:)[^\s/@]+@/g, `$1${MASK}@`],
  [/(X-Amz-(?:Signature|Credential)=)[^\s&]+/gi, `$1${MASK}`],
];
/** RFC 7468: from its first line to its last, or to where the text is cut off. */
const PRIVATE_KEY = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g;
/** YAML 1.2, 8.1: the value is the lines below that are indented further. */
const BLOCK = /^(\s*)(?:- +)?["']?([\w.-]+)["']?:\s+[|>][-+\d]*\s*$/;

/**
 * A line of somebody else's program, without what looks like a secret. Values that we know are masked wherever
 * they stand (src/output/redactor.ts); here are those that we may not read, told by what stands before them.
 */
export function hideSecretsInText(line: string): string {
  const known = KNOWN.reduce((text, [pattern, mask]) => text.replaceAll(pattern, mask), line);
  return hideAssigned(known).replaceAll(FLAG, (whole, dashes: string, name: string, space: string) =>
    isSecretWord(name) ? `${dashes}${name}${space}${MASK}` : whole,
  );
}

/** Value by value: what is given to a harmless name may be an assignment itself (`sh -c "PASSWORD=x"`). */
function hideAssigned(line: string): string {
  let [shown, copied] = ['', 0];
  for (const { index, 0: whole, 2: name = '' } of line.matchAll(NAME)) {
    VALUE.lastIndex = index + whole.length;
    if (index < copied || !isSecretWord(name) || !VALUE.test(line)) continue;
    if (NO_VALUE.test(line.slice(Math.max(0, index - 30), index) + whole)) continue;
    shown += line.slice(copied, index) + whole + MASK;
    copied = VALUE.lastIndex;
  }
  return shown + line.slice(copied);
}

/** The same for a text of many lines: a log, a script, a configuration file; private keys and YAML's blocks too. */
export function hideSecretsInLines(text: string): string {
  let hidden: number | undefined;
  return text
    .replaceAll(PRIVATE_KEY, MASK)
    .split('\n')
    .map((line) => {
      const indent = line.search(/\S/);
      if (hidden !== undefined && (indent > hidden || indent < 0)) {
        return indent < 0 ? line : `${line.slice(0, indent)}${MASK}`;
      }
      const [, before, name] = BLOCK.exec(line) ?? [];
      hidden = before !== undefined && isSecretWord(name ?? '') ? before.length : undefined;
      return hidden === undefined ? hideSecretsInText(line) : line;
    })
    .join('\n');
}

/** In text, not among variables: a shell's own PWD is no secret, and hiding it harms nobody. */
function isSecretWord(name: string): boolean {
  return isSecretName(name) || /pwd$/i.test(name);
}
