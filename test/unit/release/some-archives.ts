import { type Archive, archiveName, PLATFORMS } from '../../../scripts/release/archives.ts';

/** All archives of a release, with digests that tell them apart. */
export const SOME_ARCHIVES: readonly Archive[] = PLATFORMS.map((platform, index) => ({
  ...platform,
  file: `/release/${archiveName(platform)}`,
  sha256: String(index + 1).repeat(64),
}));
