import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BINARY } from '../../test/e2e/support/cli.ts';
import { expectCode, run } from '../../test/e2e/support/process.ts';
import type { TestRelease } from '../../test/e2e/support/release.ts';
import type { Figure } from './figures.ts';
import { compare, interleaved } from './interleaved.ts';

const BACKUPS = 30;
/** What a restore may take from the command to its proof beyond the rollout, milliseconds. */
const ALLOWED_MS = 1000;

/**
 * `restore` where there is nothing to do, of a store with thirty backups, against the own backup; and where there is something, beyond
 * what the rollout takes.
 * @param env has kubectl on PATH, and the KUBECONFIG to go by.
 * @param distant is the same for a cluster 30 ms away.
 */
export async function benchRestore(
  release: TestRelease,
  env: NodeJS.ProcessEnv,
  distant: NodeJS.ProcessEnv,
): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-bench-'));
  const thirty = join(folder, 'thirty');
  const words = (command: string, store: string): string[] => [
    command,
    release.name,
    '-n',
    release.namespace,
    '--store',
    store,
  ];
  try {
    for (let count = 0; count < BACKUPS; count++)
      expectCode(await run(BINARY, words('backup', thirty), { env }));
    const nothingToDo = await compare({
      what: `\`restore\`, nothing to do, ${BACKUPS} backups, 30 ms added`,
      ours: () => run(BINARY, words('restore', thirty), { env: distant }),
      yardstick: 'its own `backup`',
      theirs: () => run(BINARY, words('backup', join(folder, 'backups')), { env: distant }),
    });
    const one = join(folder, 'one');
    expectCode(await run(BINARY, words('backup', one), { env }));
    return [{ ...nothingToDo, atMost: 1.3 }, await withRollout(release, env, { words, store: one })];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each round changes the pods' template, and takes that back: once by `restore`, once by kubectl. */
async function withRollout(
  release: TestRelease,
  env: NodeJS.ProcessEnv,
  { words, store }: { words: (command: string, store: string) => string[]; store: string },
): Promise<Figure> {
  const deployment = `deployment/${release.fullname}`;
  const kubectl = (...args: string[]) => run('kubectl', [...args, '-n', release.namespace], { env });
  const rolledOut = () => kubectl('rollout', 'status', deployment, '--timeout=90s');
  let change = 0;
  const changed = async (): Promise<void> => {
    const annotations = { bench: `${++change}` };
    const patch = JSON.stringify({ spec: { template: { metadata: { annotations } } } });
    expectCode(await kubectl('patch', deployment, '-p', patch));
    expectCode(await rolledOut());
  };
  const medians = await interleaved(
    [
      {
        name: 'restore',
        run: async () => {
          await changed();
          // Each with the same store: a restore leaves a safety backup.
          const copy = mkdtempSync(join(tmpdir(), 'memcached-backup-bench-'));
          cpSync(store, copy, { recursive: true });
          try {
            return expectCode(await run(BINARY, [...words('restore', copy), '--yes'], { env }));
          } finally {
            rmSync(copy, { recursive: true, force: true });
          }
        },
      },
      {
        name: 'rollout',
        run: async () => {
          await changed();
          expectCode(await kubectl('rollout', 'undo', deployment));
          return rolledOut();
        },
      },
    ],
    { rounds: 5, deadlineMs: 80_000 },
  );
  return {
    what: '`restore` to its proof, less the rollout',
    ours: medians.restore! - medians.rollout!,
    yardstick: '1 s',
    theirs: ALLOWED_MS,
    atMost: 1,
  };
}
