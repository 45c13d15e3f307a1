import { markdownBlock, markdownCode, markdownQuote } from '../output/markdown.ts';
import type { Contacts } from './runbook-facts.ts';

/** Whom to call, word for word as it was given. */
export function contactsPart(contacts: Contacts | undefined): string {
  return `## Contacts

${contacts === undefined ? `None were given. ${markdownCode('--contacts FILE')} puts a small Markdown or YAML file here.\n` : given(contacts)}`;
}

function given({ text, format }: Contacts): string {
  return format === 'yaml'
    ? markdownBlock(text.replaceAll(/\r\n?/g, '\n').trimEnd().split('\n'), 'yaml')
    : markdownQuote(text);
}
