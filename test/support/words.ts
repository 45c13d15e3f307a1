/** Words that do their worst in a shell, and the empty one; the same in each run. */
export function words(count: number): string[] {
  const letters = [...'ab-=/.,:@%+_ \t\n\'"`$\\!*?[]{}()<>|&;#~^ü𝄞'];
  let seed = 7;
  const next = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  return [
    '',
    ...Array.from({ length: count }, () =>
      Array.from({ length: next(9) + 1 }, () => letters[next(letters.length)]).join(''),
    ),
  ];
}
