import { YAMLParseError } from 'yaml';
import { documentsWithin } from '../model/json/bounded-yaml.ts';
import { BeyondLimit, KUBECONFIG_LIMITS } from '../model/json/limits.ts';
import type { ParsedYaml } from './read-kubeconfig.ts';

/**
 * YAML with every scalar as the text it was written as ("failsafe" has no numbers and no booleans): a token
 * of digits is no number. A module of its own, so that the parser is loaded only where there is a file.
 */
export function parseYamlAsText(text: string): ParsedYaml {
  const values: unknown[] = [];
  const options = { schema: 'failsafe', limits: KUBECONFIG_LIMITS, meter: { tokens: 0 } } as const;
  try {
    for (const document of documentsWithin(text, options)) {
      if (values.length > 0 && document !== undefined) return { errorLine: lineOf(text, document.range[0]) };
      if (document !== undefined) values.push(document.toJS({ maxAliasCount: -1 }));
    }
  } catch (error) {
    if (error instanceof BeyondLimit) return { beyond: error.message };
    if (error instanceof YAMLParseError) return { errorLine: error.linePos?.[0].line ?? 0 };
    throw error;
  }
  return { value: values[0] };
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
