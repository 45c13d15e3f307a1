import { BINARY } from '../../test/e2e/support/cli.ts';
import { expectCode, type Outcome, run } from '../../test/e2e/support/process.ts';
import type { TestRelease } from '../../test/e2e/support/release.ts';
import type { Figure } from './figures.ts';
import { compare } from './interleaved.ts';

/** What a person takes for at once. */
const AT_ONCE_MS = 100;

/** Tab on a release's name and on the id of a backup: against kubectl's own Tab on a Deployment, and against a tenth of a second. */
export async function benchCompletion(
  release: TestRelease,
  kubectl: string,
  env: NodeJS.ProcessEnv,
): Promise<Figure[]> {
  const { name, namespace, cli } = release;
  await cli.ok('backup', name);
  const tab = async (...words: string[]): Promise<Outcome> => {
    const about = ['-n', namespace, '--store', cli.store];
    const outcome = await run(BINARY, ['__complete', 'restore', ...about, ...words], { env });
    if (!expectCode(outcome).stdout.startsWith(name))
      throw new Error(`nothing was completed: ${outcome.stdout}`);
    return outcome;
  };
  const deployments = ['__complete', 'get', 'deployment', '-n', namespace, ''];
  const yardstick = 'Tab of kubectl on a Deployment';
  const theirs = (): Promise<Outcome> => run(kubectl, deployments, { env });
  const [ofRelease, ofId] = [
    await compare({ what: 'Tab on a release', ours: () => tab(''), yardstick, theirs }),
    await compare({ what: 'Tab on the id of a backup', ours: () => tab(`${name}@2`), yardstick, theirs }),
  ];
  const inTime = { yardstick: '100 ms', theirs: AT_ONCE_MS, atMost: 1 };
  return [ofRelease, ofId, { what: 'Tab on a release', ours: ofRelease.ours, ...inTime }];
}
