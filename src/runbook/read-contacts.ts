import { open } from 'node:fs/promises';
import { ToolError, UsageError } from '../errors/tool-error.ts';
import type { Contacts } from './runbook-facts.ts';

/** Names, numbers and a rota are a page; more than this is another file. */
const LARGEST = 64 * 1024;

/** The file of --contacts. @throws UsageError for one that is no small text; ToolError where it can't be read. */
export async function readContacts(path: string): Promise<Contacts> {
  const bytes = await readAtMost(path, LARGEST + 1);
  if (bytes.length > LARGEST) throw noContacts(path, `it is larger than ${LARGEST / 1024} KiB`);
  const text = textOf(bytes);
  if (text === undefined) throw noContacts(path, 'it is no text in UTF-8');
  if (text.trim() === '') throw noContacts(path, 'it is empty');
  return { text, format: /\.ya?ml$/i.test(path) ? 'yaml' : 'markdown' };
}

async function readAtMost(path: string, length: number): Promise<Buffer> {
  try {
    await using file = await open(path, 'r');
    const buffer = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(buffer, filled, length - filled, null);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  } catch (cause) {
    throw new ToolError(`the contacts can't be read: ${(cause as Error).message}`, {
      untouched: 'no runbook was written',
      cause,
    });
  }
}

function textOf(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

function noContacts(path: string, why: string): UsageError {
  return new UsageError(`${path} holds no contacts: ${why}`, {
    untouched: 'no runbook was written',
    next: 'name a small Markdown or YAML file: --contacts contacts.md',
  });
}
