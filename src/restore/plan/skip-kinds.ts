import type { RestoreSource } from '../../backup/source.ts';
import { UsageError } from '../../errors/tool-error.ts';
import { kindWord, namesKind } from './kind-words.ts';

/**
 * The backup without the objects of some kinds, which it names as left out. What it knows of the release stays: an
 * object that is left out and exists is not taken for one that was added since.
 * @param words as `--skip-kind` takes them.
 * @throws UsageError for a word that names no kind of the backup, and where no object would be left.
 */
export function withoutKinds(source: RestoreSource, words: readonly string[]): RestoreSource {
  if (words.length === 0) return source;
  const kinds = [...new Set(source.objects.map(({ ref }) => kindWord(ref)))];
  const unknown = words.find((word) => !source.objects.some(({ ref }) => namesKind(word, ref)));
  if (unknown !== undefined) {
    throw new UsageError(`--skip-kind ${unknown}: the backup would write no object of that kind`, {
      untouched: 'the cluster was not changed',
      next: `name one of ${kinds.join(', ')}`,
    });
  }
  const isSkipped = ({ ref }: RestoreSource['objects'][number]): boolean =>
    words.some((word) => namesKind(word, ref));
  const objects = source.objects.filter((object) => !isSkipped(object));
  if (objects.length === 0) {
    throw new UsageError('--skip-kind leaves no object of the backup to restore', {
      untouched: 'the cluster was not changed',
    });
  }
  return { ...source, objects, skipped: source.objects.filter(isSkipped).map(({ ref }) => ref) };
}
