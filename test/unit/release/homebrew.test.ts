import { test } from 'node:test';
import { homebrewFormula } from '../../../scripts/release/homebrew.ts';
import { assertGolden } from '../golden.ts';
import { SOME_ARCHIVES } from './some-archives.ts';

test('the Homebrew formula has the archives of macOS and Linux, for both processors', () => {
  assertGolden('release/homebrew.rb', homebrewFormula(SOME_ARCHIVES));
});
