import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PLAIN_SPELLING, spellAdvice } from '../src/advice/spell.ts';
import { ToolError } from '../src/errors/tool-error.ts';
import { buildQuietly } from './build-quietly.ts';
import { runDemo } from './demo/demo.ts';
import { prepare } from './demo/workplace.ts';
import { writeMarkedBlock } from './marked-block.ts';

/**
 * `npm run demo`: backup and restore of a memcached release on a real cluster, beside what a backup guide's
 * own commands do to the same damage. `-- --context NAME` uses that cluster; `-- --write-readme` puts the
 * session into README.md. `-- --curves` measures instead what a paced restore does to the hit ratio of an application, beside
 * `kubectl rollout restart`, on the cluster of this checkout, and draws docs/paced-restore.svg. `-- --cast` records a shorter session on a terminal
 * instead, docs/session.cast: `asciinema play docs/session.cast`.
 */
const { values } = parseArgs({
  options: {
    cast: { type: 'boolean', default: false },
    context: { type: 'string' },
    curves: { type: 'boolean', default: false },
    'write-readme': { type: 'boolean', default: false },
  },
});

/** Paths as whoever reads them has them: the demo's folder is its home. */
function atHome(markdown: string, home: string): string {
  return markdown.replaceAll(home, '~');
}

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    process.exitCode = 130;
    interrupt.abort();
  });
}

/** The curves, and what README says of them. */
async function drawCurves(signal: AbortSignal): Promise<void> {
  await buildQuietly();
  const { measureCurves } = await import('./demo/curves.ts');
  const { svg, words } = await measureCurves(signal);
  writeFileSync(join(import.meta.dirname, '../docs/paced-restore.svg'), svg);
  writeMarkedBlock(join(import.meta.dirname, '../README.md'), 'curves', `${PICTURE}\n\n${words}`);
  process.stdout.write(`${words}\n`);
}

const PICTURE =
  '![The hit ratio of an application during a rollout and during a paced restore](docs/paced-restore.svg)';

try {
  if (values.curves) await drawCurves(interrupt.signal);
  else if (values.cast) await recordCast();
  else await runSession();
} catch (error) {
  if (interrupt.signal.aborted) process.stderr.write('interrupted\n');
  else if (error instanceof ToolError) {
    process.stderr.write(
      `error: ${error.message}\n${error.next === undefined ? '' : `Next: ${spellAdvice(error.next, PLAIN_SPELLING)}\n`}`,
    );
    process.exitCode = 1;
  } else throw error;
}

async function recordCast(): Promise<void> {
  await using workplace = await prepare(values.context, interrupt.signal);
  const { castSession } = await import('./demo/cast-session.ts');
  const cast = await castSession(workplace, interrupt.signal);
  writeFileSync(join(import.meta.dirname, '../docs/session.cast'), cast);
}

async function runSession(): Promise<void> {
  await using workplace = await prepare(values.context, interrupt.signal);
  const markdown = await runDemo(workplace, interrupt.signal);
  if (values['write-readme'])
    writeMarkedBlock(
      join(import.meta.dirname, '../README.md'),
      'session',
      atHome(markdown, workplace.folder),
    );
}
