import { readFile } from 'node:fs/promises';
import { UsageError } from '../errors/tool-error.ts';

/** URLs of one run: a file of them with more is a mistake, or somebody else's. */
const MOST_URLS = 100_000;
const MOST_BYTES = 16 * 2 ** 20;

/**
 * The URLs that were given, each once, in their order.
 * @param given --url. @param file --urls: a URL a line; empty lines and those that begin with "#" are passed over.
 * @throws UsageError for what is no URL of http or https, or holds a password; for a file that can't be read.
 */
export async function readUrls(given: readonly string[], file: string | undefined): Promise<string[]> {
  const lines = file === undefined ? [] : (await readText(file, '--urls')).split(/\r?\n/);
  const urls = [...given, ...lines.map((line) => line.trim())].filter(
    (line) => line !== '' && !line.startsWith('#'),
  );
  if (urls.length > MOST_URLS) throw new UsageError(`more than ${MOST_URLS} URLs`);
  for (const url of urls) assertUrl(url);
  const different = [...new Set(urls)];
  if (file !== undefined && different.length === 0) throw new UsageError(`${file} holds no URL`);
  return different;
}

function assertUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`"${text.slice(0, 200)}" is no URL of http or https`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(`the URL of ${url.host} holds a user or a password, which would be shown`, {
      next: 'give it in a header: --header-file FILE with a line "Authorization: …"',
    });
  }
}

/**
 * The headers of --header-file, a line each: "Name: value". Secret: no flag takes them, for every user of a machine sees those.
 * @throws UsageError for what is no header, without its value.
 */
export async function readHeaders(file: string | undefined): Promise<[name: string, value: string][]> {
  if (file === undefined) return [];
  const lines = (await readText(file, '--header-file')).split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.map((line, index) => {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined || /[^\t\u0020-\u007e\u0080-\u00ff]/.test(value)) {
      throw new UsageError(`line ${index + 1} of ${file} is no header ("Name: value")`);
    }
    return [name, value];
  });
}

async function readText(file: string, flag: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES} bytes`);
    return bytes.toString('utf8');
  } catch (error) {
    throw new UsageError(`${flag} ${file} can't be read: ${(error as Error).message}`, { cause: error });
  }
}
