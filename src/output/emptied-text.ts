/**
 * What a command does to caches that serve: "empties 2 caches that serve".
 * @param count undefined: nobody knows beforehand.
 */
export function emptiedText(count: number | undefined): string {
  if (count === undefined) return 'may empty caches: its plan says which';
  if (count === 0) return 'empties no cache that serves';
  return `empties ${count === 1 ? '1 cache that serves' : `${count} caches that serve`}`;
}
