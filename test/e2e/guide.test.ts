import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { writeMarkedBlock } from '../../scripts/marked-block.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { REPOSITORY } from './support/cli.ts';
import { CLAIMS, GOOD_MEMORY } from './support/guide-claims.ts';
import { aNamespace } from './support/namespace.ts';
import { aRelease } from './support/release.ts';
import { aShell } from './support/shell.ts';

const cluster = await ensureCluster();
const PAGE = join(REPOSITORY, 'docs/guide.md');

describe("the guide's own commands, as they stand there", { concurrency: true }, () => {
  for (const binary of cluster.helms) {
    test(`do what docs/guide.md says of them (${binary.name})`, async (context) => {
      await using release = await aRelease(cluster, binary)
        .withValues({ memcached: { maxMemory: GOOD_MEMORY } })
        .installed();
      await using other = await aRelease(cluster, binary).named('front').beside(release).installed();
      await using testNamespace = await aNamespace(cluster, 'guide');
      using shell = aShell(cluster, binary);
      await release.cli.ok('backup', release.name);
      let sound = true;
      for (const { command, proof } of CLAIMS) {
        // Each starts where the one before ended.
        if (!sound) return;
        await context.test(command, async () => {
          sound = false;
          await proof({ release, other, testNamespace, shell });
          sound = true;
        });
      }
    });
  }

  test('and docs/guide.md says nothing else', () => {
    const rows = CLAIMS.map(
      ({ command, happens, instead }) => `| ${[command, happens, instead].map(cell).join(' | ')} |`,
    );
    const table = ['| In the guide | What happens | Instead |', '|---|---|---|', ...rows].join('\n');
    // With UPDATE_GOLDEN=1 the table is written, as golden files are.
    if (process.env.UPDATE_GOLDEN === '1') writeMarkedBlock(PAGE, 'outcomes', table);
    const page = readFileSync(PAGE, 'utf8');
    assert.equal(/<!-- outcomes:begin -->\n([\s\S]*)\n<!-- outcomes:end -->/.exec(page)?.[1], table);
  });
});

/** A pipe would end a cell, also in code. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
