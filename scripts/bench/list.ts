import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mapLimited } from '../../src/errors/map-limited.ts';
import { openStore } from '../../src/store/open-store.ts';
import { BINARY } from '../../test/e2e/support/cli.ts';
import { run } from '../../test/e2e/support/process.ts';
import { ADDRESS, writeSample } from '../../test/unit/store/sample-backup.ts';
import type { Figure } from './figures.ts';
import { compare, listing } from './interleaved.ts';

const [RELEASES, BACKUPS_A_RELEASE] = [50, 20];

/**
 * The columns of `list` that stand in backup.json.
 * @param ending of `-exec`: `+` gives jq all files at one go, `\;` starts one for each.
 */
const findAndJq = (ending: string): string =>
  `find . -name backup.json -exec jq -r '[.namespace.name, .release, .id, .kind, (.helm.chart | "\\(.name)-\\(.version)"), .health.podsReady, .health.podsWanted, .settings.verdict, .complete] | @tsv' {} ${ending}`;

/** `list -A` of a thousand backups in a folder, against Debian's jq. @returns no figure where there is no jq: that is said. */
export async function benchList(env: NodeJS.ProcessEnv): Promise<Figure[]> {
  const jq = await run('jq', ['--version'], { env }).catch(() => undefined);
  if (jq?.code !== 0) {
    process.stderr.write('Warning: no figure for list: there is no jq program (Debian: apt install jq)\n');
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-bench-'));
  try {
    const store = await openStore(folder, undefined, {});
    const addresses = Array.from({ length: RELEASES * BACKUPS_A_RELEASE }, (_, at) => ({
      ...ADDRESS,
      release: `cart-${at % RELEASES}`,
      id: `202611${String(Math.floor(at / RELEASES) + 1).padStart(2, '0')}T101500Z`,
    }));
    await mapLimited(addresses, 16, (address) => writeSample(store, address));
    const count = addresses.length;
    const against = async (ending: string, rounds: number): Promise<Figure> => {
      const figure = await compare(
        {
          what: `\`list\` of ${count.toLocaleString('en')} backups in a folder`,
          ours: () => listing(count, run(BINARY, ['list', '-A', '--store', folder], { env })),
          yardstick: `\`find … -name backup.json -exec jq … {} ${ending}\``,
          theirs: () => listing(count, run('/bin/sh', ['-c', findAndJq(ending)], { cwd: folder, env })),
        },
        { rounds, deadlineMs: 180_000 },
      );
      return { ...figure, atMost: 0.5 };
    };
    // A jq a file takes some twenty seconds: three rounds tell as much as is to be told.
    return [await against('+', 15), await against('\\;', 3)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
