import type { Fixture } from '../release.ts';

/**
 * A release, and what somebody did to it. `await using faulty = await spoilt(aRelease(), ({ kubectl }) => …);`
 * Goes away at once where that fails.
 */
export async function spoilt<T extends Fixture>(
  made: Promise<T>,
  spoil: (fixture: T) => Promise<unknown>,
): Promise<T> {
  const fixture = await made;
  try {
    await spoil(fixture);
    return fixture;
  } catch (error) {
    await fixture[Symbol.asyncDispose]();
    throw error;
  }
}

/** The same release, with something more to take away in the end: before it, what lies outside its namespace. */
export function alsoRemoving<T extends Fixture>(fixture: T, remove: () => Promise<unknown>): T {
  return {
    ...fixture,
    [Symbol.asyncDispose]: async () => {
      try {
        await remove();
      } finally {
        await fixture[Symbol.asyncDispose]();
      }
    },
  };
}

/** It has a backup in its store. */
export function backedUp<T extends Fixture>(made: Promise<T>): Promise<T> {
  return spoilt(made, ({ cli, name }) => cli.ok('backup', name));
}
