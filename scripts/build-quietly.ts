import { join } from 'node:path';
import { expectCode, run } from '../test/e2e/support/process.ts';

/** `npm run build` for programs whose own output matters; quick where nothing changed. */
export async function buildQuietly(): Promise<void> {
  process.stderr.write('building the executable where its inputs changed\n');
  expectCode(await run(process.execPath, [join(import.meta.dirname, 'build.ts')]));
}
