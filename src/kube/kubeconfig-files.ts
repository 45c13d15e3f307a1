import { createReadStream } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { UsageError } from '../errors/tool-error.ts';
import { BeyondLimit, KUBECONFIG_LIMITS } from '../model/json/limits.ts';
import { readJsonAsText } from '../model/json/plain-json.ts';
import { readPlainYaml } from '../model/json/plain-yaml.ts';
import { type Kubeconfig, mergeKubeconfigs } from './kubeconfig.ts';
import { kubeconfigOfHome } from './kubeconfig-home.ts';
import { type ParsedYaml, readKubeconfig } from './read-kubeconfig.ts';

/**
 * The files a kubeconfig comes from, in kubectl's order: --kubeconfig alone; the KUBECONFIG list; the
 * user's ~/.kube/config. Only the first must exist.
 */
export function kubeconfigPaths(explicit: string | undefined, env: NodeJS.ProcessEnv): string[] {
  if (explicit !== undefined && explicit !== '') return [resolve(explicit)];
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return [...new Set(listed.map((path) => resolve(path)))];
  const ofHome = kubeconfigOfHome(env);
  return ofHome === undefined ? [] : [ofHome];
}

/**
 * Reads and merges the kubeconfig. Files of a KUBECONFIG list that do not exist are passed over, as kubectl
 * does.
 * @throws UsageError where --kubeconfig's file is missing, or a file can't be read or parsed.
 */
export async function loadKubeconfig(
  explicit: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Kubeconfig> {
  const paths = kubeconfigPaths(explicit, env);
  const texts = await Promise.all(paths.map((path) => readIfThere(path, explicit !== undefined)));
  const absent = paths.filter((_, i) => texts[i] === undefined);
  if (absent.length === paths.length) return { ...mergeKubeconfigs([]), absent };
  const configs = await Promise.all(
    paths.flatMap((path, i) => {
      const text = texts[i];
      return text === undefined ? [] : [parseKubeconfig(text).then((parsed) => readKubeconfig(parsed, path))];
    }),
  );
  return { ...mergeKubeconfigs(configs), absent };
}

/** As kubectl writes it, without the parser that reads any YAML: loading that and having it warm takes longer than all else here. */
async function parseKubeconfig(text: string): Promise<ParsedYaml> {
  const usual = readJsonAsText(text, USUAL) ?? readPlainYaml(text, USUAL, (scalar) => scalar);
  if (usual !== undefined) return usual;
  const { parseYamlAsText } = await import('./kubeconfig-yaml.ts');
  return parseYamlAsText(text);
}

/** Well within KUBECONFIG_LIMITS, whatever the text holds: of a character come three tokens at most. */
const USUAL = { characters: 128 * 1024, depth: 20 };

async function readIfThere(path: string, required: boolean): Promise<string | undefined> {
  try {
    return await readAtMost(path, KUBECONFIG_LIMITS.characters);
  } catch (cause) {
    if (cause instanceof BeyondLimit)
      throw new UsageError(`the kubeconfig ${path} is too large: ${cause.message}`);
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT' && !required) return undefined;
    const why = code === 'ENOENT' ? 'does not exist' : `can't be read (${code})`;
    throw new UsageError(`the kubeconfig ${path} ${why}`, { cause });
  }
}

/** A pipe is read as it comes (`--kubeconfig <(…)`): its size is known when it has ended. */
async function readAtMost(path: string, maximum: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    bytes += (chunk as Buffer).length;
    if (bytes > maximum) throw new BeyondLimit(`it has more than ${maximum} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
