import { statSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureCluster } from '../test/cluster/cluster.ts';
import { latencyProxy } from '../test/e2e/support/latency-proxy.ts';
import { aRelease } from '../test/e2e/support/release.ts';
import { benchBackup } from './bench/backup.ts';
import { benchCompletion } from './bench/completion.ts';
import { benchDoctor, prepareDiagnosis } from './bench/doctor.ts';
import { benchDrill } from './bench/drill.ts';
import { type Fact, type Figure, factsInWords, figuresAsRatios, figuresWithTimes } from './bench/figures.ts';
import { benchGit } from './bench/git.ts';
import { idleNow } from './bench/idle.ts';
import { benchList } from './bench/list.ts';
import { benchManyReleases } from './bench/many-releases.ts';
import { benchRestore } from './bench/restore.ts';
import { benchS3 } from './bench/s3.ts';
import { benchStartUp } from './bench/start-up.ts';
import { benchWarm } from './bench/warm.ts';
import { archive } from './build/package.ts';
import { executable } from './build/paths.ts';
import { buildQuietly } from './build-quietly.ts';
import { writeMarkedBlock } from './marked-block.ts';

/** What the cluster itself does, and this program, leave so much idle on two cores. */
const LEAST_IDLE = 0.75;

/**
 * `npm run bench`: what docs/performance.md shows. `-- --write-docs` writes it there, `-- --only NAME` measures one part (may be given
 * several times).
 */
const { values } = parseArgs({
  options: {
    'write-docs': { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
});

await buildQuietly();
const cluster = await ensureCluster((line) => process.stderr.write(`${line}\n`));
const helm3 = cluster.helms.find((helm) => helm.name === 'helm3') ?? cluster.helms[0]!;
await using release = await aRelease(cluster, helm3)
  .withPassword()
  .withValues({ replicaCount: 2 })
  .installed();
await using faraway = await latencyProxy(cluster.kubectl, cluster.kubeconfig, 15);

const bin = join(release.helm.home, 'bin');
symlinkSync(cluster.kubectl, join(bin, 'kubectl'));
const env: NodeJS.ProcessEnv = { ...release.helm.env, PATH: [bin, process.env.PATH].join(delimiter) };
delete env.NODE_EXTRA_CA_CERTS; // read at every start of Node, and no part of what is measured
const distant = { ...env, KUBECONFIG: faraway.kubeconfig };
const beside: Fact[] = [];

/** In this order: the restores leave the release's pods younger than its backups. */
const PARTS: Record<string, () => Promise<Figure[]>> = {
  'start-up': () => benchStartUp(cluster.kubectl, env),
  completion: () => benchCompletion(release, cluster.kubectl, env),
  backup: () => benchBackup(release, env, distant),
  doctor: async () => {
    await prepareDiagnosis(release, cluster.images.toolbox ?? cluster.images.memcached);
    return [
      await benchDoctor(release, env, { ms: 0, atMost: 0.5 }),
      await benchDoctor(release, distant, { ms: 30, atMost: 0.35 }),
    ];
  },
  list: () => benchList(env),
  many: async () => {
    const { figures, beside: memory } = await benchManyReleases(cluster, env);
    beside.push(...memory);
    return figures;
  },
  git: () => benchGit(release, distant),
  s3: () => benchS3(release, distant),
  drill: async () => [await benchDrill(release, env)],
  warm: async () => [await benchWarm(cluster, env)],
  restore: () => benchRestore(release, env, distant),
};

async function measure(): Promise<void> {
  const unknown = values.only.filter((name) => !(name in PARTS));
  if (unknown.length > 0)
    throw new Error(`--only ${unknown.join(', ')}: there are ${Object.keys(PARTS).join(', ')}`);
  if (values['write-docs'] && values.only.length > 0)
    throw new Error('--write-docs writes what all parts measured');
  const idle = await idleNow();
  if (idle < LEAST_IDLE) {
    process.stderr.write(
      `error: this machine is busy (${Math.round(idle * 100)} % idle): nothing was measured; run this again on a quiet one\n`,
    );
    process.exitCode = 1;
    return;
  }
  const figures: Figure[] = [];
  for (const [name, part] of Object.entries(PARTS)) {
    if (values.only.length > 0 && !values.only.includes(name)) continue;
    const measured = await part();
    process.stdout.write(measured.length === 0 ? '' : `${figuresWithTimes(measured)}\n`);
    figures.push(...measured);
  }
  beside.push({ what: 'the executable', amount: mebibytes(executable) });
  beside.push({ what: 'its archive', amount: mebibytes(archive) });
  process.stdout.write(`${factsInWords(beside)}\n`);
  if (values['write-docs'])
    writeMarkedBlock(
      join(import.meta.dirname, '../docs/performance.md'),
      'figures',
      figuresAsRatios(figures, beside),
    );
}

function mebibytes(file: string): string {
  return `${(statSync(file).size / 1024 ** 2).toFixed(0)} MiB`;
}

await measure();
