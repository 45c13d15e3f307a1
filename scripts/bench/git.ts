import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BINARY } from '../../test/e2e/support/cli.ts';
import { run } from '../../test/e2e/support/process.ts';
import type { TestRelease } from '../../test/e2e/support/release.ts';
import type { Figure } from './figures.ts';
import { compare, listing } from './interleaved.ts';
import { makeRepository } from './many-in-git.ts';

/**
 * Method 3 of the backup guide that memcached charts carry, in a repository that is there already. A commit where nothing changed is
 * asked for, and the tag's name has nanoseconds: as they stand there, both fail in the second round.
 */
const GUIDE_METHOD_3 = `set -e
kubectl get configmap -n $NAMESPACE $RELEASE -o yaml > configmap.yaml
helm get values $RELEASE -n $NAMESPACE > values.yaml
kubectl get deployment -n $NAMESPACE $RELEASE -o yaml > deployment.yaml
kubectl get service -n $NAMESPACE $RELEASE -o yaml > service.yaml
git add .
git commit --quiet --allow-empty -m "backup: memcached configuration $(date +%Y-%m-%d)"
git tag "backup-$(date +%Y%m%d-%H%M%S-%N)"
git push --quiet origin main --tags`;

/** A key of age that nobody needs. */
const RECIPIENT = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
const [RELEASES, BACKUPS_A_RELEASE] = [50, 100];

/**
 * `backup` to Git, and `list` of five thousand backups there, against the commands that one would type.
 * @param env has helm and kubectl on PATH, and a KUBECONFIG that leads to a cluster 30 ms away.
 */
export async function benchGit(release: TestRelease, env: NodeJS.ProcessEnv): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-bench-'));
  const own = {
    ...env,
    HOME: folder,
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((who) =>
        ['NAME', 'EMAIL'].map((what) => [`GIT_${who}_${what}`, 'bench']),
      ),
    ),
  };
  try {
    return [await backupFigure(release, own, folder), await listFigure(own, folder)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function backupFigure(release: TestRelease, env: NodeJS.ProcessEnv, folder: string): Promise<Figure> {
  const bare = (name: string): string => {
    const repository = join(folder, `${name}.git`);
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository]);
    return repository;
  };
  const tree = join(folder, 'guide');
  execFileSync('git', ['clone', '--quiet', bare('guide'), tree], { stdio: 'ignore' });
  execFileSync('git', ['checkout', '--quiet', '-B', 'main'], { cwd: tree });
  const recipients = join(folder, 'recipients.txt');
  writeFileSync(recipients, `${RECIPIENT}\n`);
  const store = ['--store', `git+file://${bare('ours')}`, '--recipients-file', recipients];
  const args = ['backup', release.name, '-n', release.namespace, ...store];
  const guideEnv = { ...env, RELEASE: release.fullname, NAMESPACE: release.namespace };
  return await compare({
    what: '`backup` to Git, sealed, 30 ms added',
    ours: () => run(BINARY, args, { cwd: folder, env }),
    yardstick: "the guide's method 3",
    theirs: () => run('/bin/sh', ['-c', GUIDE_METHOD_3], { cwd: tree, env: guideEnv }),
  });
}

async function listFigure(env: NodeJS.ProcessEnv, folder: string): Promise<Figure> {
  const repository = join(folder, 'many.git');
  makeRepository(repository, { releases: RELEASES, each: BACKUPS_A_RELEASE });
  const clone = join(folder, 'clone');
  mkdirSync(clone);
  execFileSync('git', ['clone', '--quiet', '--bare', `file://${repository}`, clone]);
  const list = ['list', '-A', '--store', `git+file://${repository}`];
  const tags = 'git fetch --quiet --tags origin && git tag -l';
  return await compare({
    what: '`list` of 5,000 backups in Git',
    ours: () => listing(RELEASES * BACKUPS_A_RELEASE, run(BINARY, list, { env })),
    yardstick: '`git fetch --tags` and `git tag -l`',
    theirs: () => listing(RELEASES * BACKUPS_A_RELEASE, run('/bin/sh', ['-c', tags], { cwd: clone, env })),
  });
}
