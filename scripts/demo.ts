import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PLAIN_SPELLING, spellAdvice } from '../src/advice/spell.ts';
import { ToolError } from '../src/errors/tool-error.ts';
import { runDemo } from './demo/demo.ts';
import { prepare } from './demo/workplace.ts';
import { writeMarkedBlock } from './marked-block.ts';

/**
 * `npm run demo`: backup and restore of a memcached release on a real cluster, beside what a backup guide's
 * own commands do to the same damage. `-- --context NAME` uses that cluster; `-- --write-readme` puts the
 * session into README.md.
 */
const { values } = parseArgs({
  options: { context: { type: 'string' }, 'write-readme': { type: 'boolean', default: false } },
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

try {
  await using workplace = await prepare(values.context, interrupt.signal);
  const markdown = await runDemo(workplace, interrupt.signal);
  if (values['write-readme'])
    writeMarkedBlock(
      join(import.meta.dirname, '../README.md'),
      'session',
      atHome(markdown, workplace.folder),
    );
} catch (error) {
  if (interrupt.signal.aborted) process.stderr.write('interrupted\n');
  else if (error instanceof ToolError) {
    process.stderr.write(
      `error: ${error.message}\n${error.next === undefined ? '' : `Next: ${spellAdvice(error.next, PLAIN_SPELLING)}\n`}`,
    );
    process.exitCode = 1;
  } else throw error;
}
