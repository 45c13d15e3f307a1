import type { BackupDocument } from './backup-format.ts';

/**
 * What tells the configuration in a backup from that in another without reading their files: the digests of the clean
 * manifests and of the user's values, and the settings that pods ran with. Two of the same are as a release is, or both are
 * not. Undefined where it is sealed: its digests are those of the archive.
 */
export function configurationOf({ files, settings, sealed }: BackupDocument): string | undefined {
  if (sealed !== undefined) return undefined;
  const digests = files
    .filter(({ path }) => path.startsWith('manifests/') || path === 'helm/values.yaml')
    .map(({ path, sha256 }) => `${path} ${sha256}`)
    .sort();
  return JSON.stringify([digests, settings.verdict, settings.differing, settings.inShort ?? null]);
}
