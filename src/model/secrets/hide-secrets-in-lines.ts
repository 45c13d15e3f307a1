import { MASK } from './hide-secrets.ts';
import { hideSecretsInText, isSecretWord } from './hide-secrets-in-text.ts';

/** RFC 7468: from its first line to its last, or to where the text is cut off. */
const PRIVATE_KEY = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g;
/** YAML 1.2, 8.1: the value is the lines below that are indented further. */
const BLOCK = /^(\s*)(?:- +)?["']?([\w.-]+)["']?:\s+[|>][-+\d]*\s*$/;
/** A variable of a container, in YAML: its value is in the next line. */
const NAME = /^\s*(?:- +)?name:\s+["']?([\w.-]+)["']?\s*$/;
const VALUE = /^(\s*value:\s+)\S/;
/** `requirepass x` of redis.conf, `password x` of .netrc: nothing else is in the line. */
const DIRECTIVE = /^(\s*([\w.-]+)\s+)\S+\s*$/;

/**
 * A text of many lines without what looks like a secret: a log, a script, a configuration file. Beside what a line
 * tells by itself, private keys, YAML's blocks and variables, and directives.
 */
export function hideSecretsInLines(text: string): string {
  const lines = text.replaceAll(PRIVATE_KEY, MASK).split('\n');
  /** Indentation of the key whose block this is. */
  let block: number | undefined;
  return lines
    .map((line, index) => {
      const indent = line.search(/\S/);
      if (block !== undefined && (indent > block || indent < 0)) return maskFrom(line, indent);
      block = undefined;
      const [, before, key] = BLOCK.exec(line) ?? [];
      if (before !== undefined && isSecretWord(key ?? '')) {
        block = before.length;
        return line;
      }
      const [, upToValue] = VALUE.exec(line) ?? [];
      const [, variable] = NAME.exec(lines[index - 1] ?? '') ?? [];
      if (upToValue !== undefined && isSecretWord(variable ?? '')) return maskFrom(line, upToValue.length);
      const [, upToArgument, directive] = DIRECTIVE.exec(line) ?? [];
      if (upToArgument !== undefined && isSecretWord(directive ?? ''))
        return maskFrom(line, upToArgument.length);
      return hideSecretsInText(line);
    })
    .join('\n');
}

function maskFrom(line: string, at: number): string {
  return at < 0 ? line : line.slice(0, at) + MASK;
}
