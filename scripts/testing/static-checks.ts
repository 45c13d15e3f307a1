import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Types and, in one pass, lint and format. Both read only, so they run side by side. */
export async function staticChecks(): Promise<boolean> {
  const results = await Promise.all([
    tool('types', ['node_modules/typescript/bin/tsc', '-p', '.']),
    tool('lint and format', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings']),
  ]);
  return results.every((ok) => ok);
}

/** Runs a package's command quietly; its output is shown only where it found something. */
function tool(title: string, args: string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      console.log(`${code === 0 ? '✔' : '✖'} ${title}`);
      if (code !== 0) process.stdout.write(Buffer.concat(output));
      resolve(code === 0);
    });
  });
}
