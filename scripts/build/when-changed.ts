import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workFolder } from './paths.ts';

export interface Step {
  name: string;
  /** Everything that the outcome depends on: contents, not paths. */
  inputs: Iterable<string | Buffer>;
  /** Files that must be there for the step to count as done. */
  outputs: readonly string[];
}

/** Runs `work` unless it ran before on the same inputs and what it made is still there. */
export async function whenChanged({ name, inputs, outputs }: Step, work: () => Promise<void>): Promise<void> {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(`${input.length}\n`).update(input);
  const key = hash.digest('hex');
  const stamp = join(workFolder, `${name}.stamp`);
  if (outputs.every((file) => existsSync(file)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === key)
    return;
  const start = performance.now();
  mkdirSync(workFolder, { recursive: true });
  await work();
  writeFileSync(stamp, key);
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
