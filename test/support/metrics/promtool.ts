import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goTool } from '../../cluster/build/go-tool.ts';

/** What promtool said, and whether it was content. */
export interface Verdict {
  isGood: boolean;
  said: string;
}

/** Runs promtool beside these files, by their names. @param input on standard input. */
export async function promtool(
  files: Readonly<Record<string, string>>,
  args: string[],
  input = '',
): Promise<Verdict> {
  const program = await goTool('prometheus', 'promtool');
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-promtool-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return await new Promise((resolve) => {
      const child = execFile(program, args, { cwd: folder, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
        resolve({ isGood: error === null, said: `${stdout}${stderr}` }),
      );
      child.stdin?.end(input);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
