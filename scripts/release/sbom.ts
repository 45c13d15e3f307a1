import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import project from '../../package.json' with { type: 'json' };
import { root } from '../build/paths.ts';

interface Bom {
  serialNumber?: string;
  metadata: { timestamp?: string; tools?: unknown; component: { name: string } };
  components: unknown[];
}

/** What is inside the executables as a CycloneDX document, of package-lock.json by `npm sbom`. */
export async function softwareBillOfMaterials(): Promise<string> {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: root, maxBuffer: 1 << 26 });
  return reproducible(stdout);
}

/**
 * The same text whenever and wherever it is made: no time, no npm of this machine, the project's own name instead of its folder's, and a serial number
 * that follows from the content.
 * @param text as npm writes it.
 */
export function reproducible(text: string): string {
  const { serialNumber: _random, metadata, ...rest } = JSON.parse(text) as Bom;
  const { timestamp: _now, tools: _npm, component, ...said } = metadata;
  const content = { ...rest, metadata: { ...said, component: { ...component, name: project.name } } };
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return `${JSON.stringify({ ...content, serialNumber: `urn:uuid:${uuidOf(digest)}` }, undefined, 2)}\n`;
}

/** A UUID of version 8, whose content is its maker's own (RFC 9562, 5.8). */
function uuidOf(digest: string): string {
  const variant = '89ab'[Number.parseInt(digest[16]!, 16) % 4]!;
  const [a, b, c, d] = [digest.slice(0, 8), digest.slice(8, 12), digest.slice(13, 16), digest.slice(17, 20)];
  return `${a}-${b}-8${c}-${variant}${d}-${digest.slice(20, 32)}`;
}
