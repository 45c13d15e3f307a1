/** "2026-11-30 02:00 Europe/Berlin": a moment as a clock on the wall shows it there. In an unknown zone it is told in UTC. */
export function wallClock(moment: Date, timeZone = 'UTC'): string {
  try {
    return `${timeIn(moment, timeZone)} ${timeZone}`;
  } catch {
    return `${timeIn(moment, 'UTC')} UTC`;
  }
}

/** "2026-11-30 02:00 Europe/Berlin (2026-11-30 01:00 UTC here)"; the second where it is another. */
export function inBothZones(moment: Date, zone: string | undefined, local = localTimeZone()): string {
  const there = wallClock(moment, zone);
  const here = wallClock(moment, local);
  return there.startsWith(timeIn(moment, local)) ? there : `${there} (${here} here)`;
}

/** Sweden writes it so: "2026-11-30 02:00". @throws RangeError for an unknown zone. */
function timeIn(moment: Date, timeZone: string): string {
  const two = '2-digit';
  const format = { year: 'numeric', month: two, day: two, hour: two, minute: two } as const;
  return new Intl.DateTimeFormat('sv-SE', { timeZone, ...format }).format(moment);
}

function localTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
