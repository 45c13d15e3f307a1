/** The known word that `word` was probably meant to be, or undefined where none is near. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, distance: distance(word, candidate) }))
    .filter(
      ({ candidate, distance }) =>
        distance <= slips(word, candidate) || (word.length > 2 && candidate.startsWith(word)),
    )
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

/** One slip in every four letters: of a word of three, each other word of three would be one. */
function slips(word: string, candidate: string): number {
  return Math.floor(Math.max(word.length, candidate.length) / 4);
}

/** How many letters to insert, remove, change, or to exchange with the next one (Damerau, optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = at(rows, i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          change,
          at(rows, i - 1, j) + 1,
          (row[j - 1] ?? 0) + 1,
          exchanged ? at(rows, i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    rows.push(row);
  }
  return at(rows, a.length, b.length);
}

function at(rows: readonly (readonly number[])[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
