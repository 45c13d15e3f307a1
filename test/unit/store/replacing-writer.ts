/**
 * Replaces a file by "new", and just before its Nth operation on files is killed (SIGKILL), or that operation meets a full
 * disk. Arguments: the file, N, and "kill" or "fail". Prints how many operations there were, or the error's class.
 */
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const [file = '', at = '', fault = ''] = process.argv.slice(2);
let operations = 0;

function counted<Args extends unknown[], Result>(
  operation: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    operations++;
    if (operations !== Number(at)) return operation(...args);
    if (fault === 'kill') process.kill(process.pid, 'SIGKILL');
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  };
}

const open = counted(fs.open);
Object.assign(fs, {
  open: async (...args: Parameters<typeof fs.open>): Promise<FileHandle> => {
    const handle = await open(...args);
    for (const operation of ['chmod', 'writeFile', 'sync'] as const) {
      const original = handle[operation].bind(handle) as (...args: unknown[]) => Promise<void>;
      Object.assign(handle, { [operation]: counted(original) });
    }
    return handle;
  },
  rename: counted(fs.rename),
});
syncBuiltinESMExports();

const { replaceFile } = await import('../../../src/store/durable-file.ts');
try {
  await replaceFile(file, 'new');
  process.stdout.write(`${operations}`);
} catch (error) {
  process.stdout.write((error as Error).constructor.name);
}
