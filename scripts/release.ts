import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import project from '../package.json' with { type: 'json' };
import { bundle } from './build/bundle.ts';
import { crossBuiltFiles } from './build/cross-build.ts';
import { packageFolders, thirdPartyLicenses } from './build/licenses.ts';
import { archive, pack } from './build/package.ts';
import { dist, root } from './build/paths.ts';
import { imageObstacle } from './image/obstacle.ts';
import { type Archive, PLATFORMS, type Platform } from './release/archives.ts';
import { sha256Of, sha256Sums } from './release/checksums.ts';
import { signingFrom, writeHelmPlugin } from './release/helm.ts';
import { homebrewFormula } from './release/homebrew.ts';
import { krewManifest, writeKrewIndex } from './release/krew.ts';
import { releaseNotes } from './release/release-notes.ts';
import { softwareBillOfMaterials } from './release/sbom.ts';

/**
 * Makes everything that a release consists of, in dist/release: of the same sources the same bytes, but for the
 * signature of the Helm plugin, which says when it was made. The folder is there when all of it is.
 *
 *   node scripts/bootstrap.mjs release [--tag vVERSION] [--without-image]
 */
const options = process.argv.slice(2);
const tag = options[options.indexOf('--tag') + 1];
if (options.includes('--tag') && tag !== `v${project.version}`)
  fail(`the tag ${tag} is not that of package.json's version, v${project.version}: nothing was built`);
const withImage = !options.includes('--without-image');
const obstacle = withImage ? imageObstacle() : undefined;
if (obstacle !== undefined) fail(`${obstacle}; all else of the release: npm run release -- --without-image`);
const notes = releaseNotes(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), project.version);

await import(withImage ? './image.ts' : './build.ts');
const { start, scripts, sources } = await bundle();
const licenses = thirdPartyLicenses(packageFolders(sources));
const folder = join(dist, 'release.part');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const archives: Archive[] = [];
for (const platform of PLATFORMS) archives.push(await archiveOf(platform));
mkdirSync(join(folder, 'krew'));
const manifest = krewManifest(archives);
writeFileSync(join(folder, 'krew', `${project.name}.yaml`), manifest);
writeKrewIndex(join(folder, 'krew-index'), manifest);
const helm = await writeHelmPlugin(folder, archives, signingFrom(process.env));
mkdirSync(join(folder, 'homebrew'));
writeFileSync(join(folder, 'homebrew', `${project.name}.rb`), homebrewFormula(archives));
writeFileSync(join(folder, `${project.name}-v${project.version}.cdx.json`), await softwareBillOfMaterials());
writeFileSync(join(folder, 'RELEASE_NOTES.md'), notes);
const image = `${project.name}-v${project.version}-image.tar`;
if (withImage) copyFileSync(join(dist, image), join(folder, image));
writeFileSync(join(folder, 'SHA256SUMS'), sha256Sums(folder));

const release = join(dist, 'release');
rmSync(release, { recursive: true, force: true });
renameSync(folder, release);
process.stdout.write(readFileSync(join(release, 'SHA256SUMS')));
if (helm.leftOut !== undefined) process.stderr.write(`note: ${helm.leftOut}\n`);

function fail(message: string): never {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}

/** This machine's is the one of the build. */
async function archiveOf(platform: Platform): Promise<Archive> {
  if (platform.os === 'linux' && platform.arch === 'amd64') {
    const file = join(folder, basename(archive));
    copyFileSync(archive, file);
    return { ...platform, file, sha256: sha256Of(file) };
  }
  const built = await crossBuiltFiles(platform, { start, scripts });
  return pack(platform, { built, licenses, output: folder });
}
