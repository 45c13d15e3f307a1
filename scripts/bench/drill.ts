import type { DrillReport } from '../../src/model/records/drill-report.ts';
import { BINARY } from '../../test/e2e/support/cli.ts';
import { expectCode, run } from '../../test/e2e/support/process.ts';
import type { TestRelease } from '../../test/e2e/support/release.ts';
import type { Figure } from './figures.ts';
import { median } from './interleaved.ts';

const ROUNDS = 5;
/** What a drill may take beyond the rollout, milliseconds. */
const ALLOWED_MS = 2000;

/**
 * What a drill takes up to its proof beyond the time in which the cluster starts the pods, against what it may take. The removal, which is
 * the cluster's time alone, is not counted.
 */
export async function benchDrill(release: TestRelease, env: NodeJS.ProcessEnv): Promise<Figure> {
  const words = [
    'drill',
    release.name,
    '-n',
    release.namespace,
    '--store',
    release.cli.store,
    '--yes',
    '-o',
    'json',
  ];
  await release.cli.ok('backup', release.name);
  const beyond: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const { stdout } = expectCode(await run(BINARY, words, { env }));
    const { seconds, phases } = JSON.parse(stdout) as DrillReport;
    const rollout = phases.filter(({ name }) => name === 'ready' || name === 'images');
    // The first one warms caches.
    if (round > 0) beyond.push((seconds - rollout.reduce((sum, phase) => sum + phase.seconds, 0)) * 1000);
  }
  return {
    what: "`drill`, beyond the rollout's own time",
    ours: median(beyond),
    yardstick: '2 s',
    theirs: ALLOWED_MS,
    atMost: 1,
  };
}
