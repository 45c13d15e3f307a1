import { parse, YAMLParseError } from 'yaml';
import type { ParsedYaml } from './read-kubeconfig.ts';

/**
 * YAML with every scalar as the text it was written as ("failsafe" has no numbers and no booleans): a token
 * of digits is no number. A module of its own, so that the parser is loaded only where there is a file.
 */
export function parseYamlAsText(text: string): ParsedYaml {
  try {
    return { value: parse(text, { schema: 'failsafe' }) as unknown };
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    return { errorLine: error.linePos?.[0].line ?? 0 };
  }
}
