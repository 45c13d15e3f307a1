import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program that stands for Helm: it notes its arguments in a file beside it and runs `script` (sh). */
export function fakeHelm(folder: string, script: string): { path: string; calls: string } {
  const path = join(folder, 'helm');
  const calls = join(folder, 'calls');
  writeFileSync(path, `#!/bin/sh\necho "$@" >> '${calls}'\n${script}\n`);
  chmodSync(path, 0o755);
  return { path, calls };
}
