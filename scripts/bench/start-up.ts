import { BINARY } from '../../test/e2e/support/cli.ts';
import { run } from '../../test/e2e/support/process.ts';
import type { Figure } from './figures.ts';
import { interleaved } from './interleaved.ts';

const YARDSTICK = 'kubectl version --client';
const AT_MOST = 0.6;

/** How long the tool takes to say something without a cluster. */
export async function benchStartUp(kubectl: string, env: NodeJS.ProcessEnv): Promise<Figure[]> {
  const medians = await interleaved(
    [
      { name: YARDSTICK, run: () => run(kubectl, ['version', '--client'], { env }) },
      { name: '--version', run: () => run(BINARY, ['--version'], { env }) },
      { name: '--help', run: () => run(BINARY, ['--help'], { env }) },
    ],
    { rounds: 30, deadlineMs: 60_000 },
  );
  return ['--version', '--help'].map((what) => ({
    what: `start-up: \`${what}\``,
    ours: medians[what]!,
    yardstick: `\`${YARDSTICK}\``,
    theirs: medians[YARDSTICK]!,
    atMost: AT_MOST,
  }));
}
