import { symlinkSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureCluster } from '../test/cluster/cluster.ts';
import { latencyProxy } from '../test/e2e/support/latency-proxy.ts';
import { aRelease } from '../test/e2e/support/release.ts';
import { benchBackup } from './bench/backup.ts';
import { benchDoctor, prepareDiagnosis } from './bench/doctor.ts';
import { benchDrill } from './bench/drill.ts';
import { figuresAsRatios, figuresWithTimes } from './bench/figures.ts';
import { benchGit } from './bench/git.ts';
import { benchS3 } from './bench/s3.ts';
import { benchStartUp } from './bench/start-up.ts';
import { benchWarm } from './bench/warm.ts';
import { buildQuietly } from './build-quietly.ts';
import { writeMarkedBlock } from './marked-block.ts';

/** `npm run bench`: what docs/performance.md shows. `-- --write-docs` writes the ratios there. */
const { values } = parseArgs({ options: { 'write-docs': { type: 'boolean', default: false } } });

await buildQuietly();
const load = loadavg()[0] ?? 0;
const busy = load > availableParallelism();
if (busy) {
  process.stderr.write(
    `Warning: this machine is busy (load ${load.toFixed(1)} on ${availableParallelism()} cores): the figures mean little\n`,
  );
}
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

await prepareDiagnosis(release, cluster.images.toolbox ?? cluster.images.memcached);

const figures = [
  ...(await benchStartUp(cluster.kubectl, env)),
  await benchBackup(release, env, 0),
  await benchBackup(release, { ...env, KUBECONFIG: faraway.kubeconfig }, 30),
  await benchDoctor(release, env, 0),
  await benchDoctor(release, { ...env, KUBECONFIG: faraway.kubeconfig }, 30),
  await benchDrill(release, env),
  ...(await benchGit(release, { ...env, KUBECONFIG: faraway.kubeconfig })),
  ...(await benchS3(release, { ...env, KUBECONFIG: faraway.kubeconfig })),
  await benchWarm(cluster, env),
];
process.stdout.write(`${figuresWithTimes(figures)}\n`);
if (values['write-docs'] && busy) {
  process.stderr.write('error: docs/performance.md is left as it was: run this again on a quiet machine\n');
  process.exitCode = 1;
} else if (values['write-docs']) {
  writeMarkedBlock(join(import.meta.dirname, '../docs/performance.md'), 'figures', figuresAsRatios(figures));
}
