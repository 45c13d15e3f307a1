import { MASK } from './hide-secrets.ts';
import { isSecretName } from './secrecy.ts';
import { hidePasswordsInUrls } from './url-credentials.ts';

/** `name=`, `name: `, `"name": `, tried at the beginning of a name only: a line may be megabytes of one word. */
const NAME = /(?<![\w.-])((?:\\{0,3}["'])?)([\w.-]+)\1\s*[:=]\s*/g;
/** What it is given: in quotes, in those of JSON within a string, or one word. */
const VALUE = /(\\{1,3}["']).*?\1|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&}]+/y;
/** The kubelet's own words, which name a secret and do not give it away: `volume "token" : secret "x" not found`. */
const NO_VALUE = /(?:["']\s+:\s+|non-existent (?:secret|config) key: )$/;
const FLAG = /(?<![\w-])(--?)([\w-]+)(\s+)("[^"]*"|'[^']*'|[^\s-]\S*)/g;
/** `"name":"X_PASSWORD","value":"x"`, `name="password" value="x"`: how JSON and XML list variables. */
const PAIR =
  /(\bname["']?\s*[:=]\s*["']([\w.-]+)["'],?\s*["']?value["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*')/g;
/** `<password>x</password>` */
const ELEMENT = /(<([\w.-]+)>)[^<>]+(?=<\/\2>)/g;
/** Values that say by themselves what they are: SQL's passwords, HTTP credentials, AWS key ids, JSON Web Tokens. */
const KNOWN: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w+/=.~-]{6,}/gi, `$1 ${MASK}`],
  [/\b(authorization["']?\s*[:=]\s*["']?)(?!\s|bearer\b|basic\b)[^"'\r\n]+/gi, `$1${MASK}`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, MASK],
  [/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, MASK],
  [/\b(password|identified\s+(?:with\s+\S+\s+)?by)(\s+)(["'])(?:(?!\3).)*\3/gi, `$1$2${MASK}`],
  [/(X-Amz-(?:Signature|Credential)=)[^\s&]+/gi, `$1${MASK}`],
];
/**
 * A line of somebody else's program, without what looks like a secret. Values that we know are masked wherever
 * they stand (src/output/redactor.ts); here are those that we may not read, told by what stands before them.
 */
export function hideSecretsInText(line: string): string {
  const known = KNOWN.reduce(
    (text, [pattern, mask]) => text.replaceAll(pattern, mask),
    hidePasswordsInUrls(line, MASK),
  );
  return hideAssigned(known)
    .replaceAll(FLAG, (whole, dashes: string, name: string, space: string) =>
      isSecretWord(name) ? `${dashes}${name}${space}${MASK}` : whole,
    )
    .replaceAll(PAIR, hideValue)
    .replaceAll(ELEMENT, hideValue);
}

function hideValue(whole: string, before: string, name: string): string {
  return isSecretWord(name) ? `${before}${MASK}` : whole;
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

/** In text, not among variables: a shell's own PWD is no secret, and hiding it harms nobody. */
export function isSecretWord(name: string): boolean {
  return isSecretName(name) || /pwd$/i.test(name);
}
