import { join } from 'node:path';
import { type Kubectl, kubectlIn } from '../../test/e2e/support/kubectl.ts';
import { expectCode } from '../../test/e2e/support/process.ts';
import { emptied, fillCaches, settingsRight } from './caches.ts';
import { comparisonTable, type Recovery } from './comparison.ts';
import { guideBackup, guideConfigurationRecovery, guideRecreation } from './guide.ts';
import { Session } from './session.ts';
import { FIRST_VALUES, GROWN_MEMORY, type Workplace } from './workplace.ts';

const RELEASE = 'my-memcached';
const KEYS = 100;
const RESTORE = '`restore`';
const WANTED = {
  maxbytes: String(GROWN_MEMORY * 1024 * 1024),
  maxconns: String(FIRST_VALUES.memcached.maxConnections),
};

/**
 * Two damages, each met twice: once with the guide's commands, once with `restore`. What each of them did
 * is read off the pods afterwards, not off what the commands say.
 */
export async function runDemo(workplace: Workplace, signal: AbortSignal): Promise<string> {
  const { namespace, cluster, env } = workplace;
  const session = new Session({ cwd: join(workplace.folder, 'work'), env, signal });
  const kubectl = kubectlIn(cluster, namespace);
  const place = { release: RELEASE, namespace, chart: './chart' };
  const n = `-n ${namespace}`;
  const recoveries: Recovery[] = [];

  const breakIt = () =>
    session.must(
      `helm upgrade ${RELEASE} ./chart ${n} --reuse-values --wait \\\n    --set memcached.maxMemory=8 --set memcached.maxConnections=64 > /dev/null`,
    );
  const deleteIt = () => session.must(`kubectl delete namespace ${namespace}`);
  const restore = `kubectl memcached-backup restore ${RELEASE} ${n} --yes`;
  const recover = async (damage: string, way: string, commands: string[]) => {
    const pods = await fillCaches(kubectl, RELEASE, KEYS);
    let ms = 0;
    // The guide's commands go on whatever they report, as a person in a hurry would; ours has to succeed.
    for (const command of commands)
      ms += (await (way === RESTORE ? session.must(command) : session.run(command))).ms;
    await settled(kubectl);
    recoveries.push({
      damage,
      way,
      settingsRight: await settingsRight(kubectl, RELEASE, WANTED),
      cachesEmptied: pods.length === 0 ? undefined : await emptied(kubectl, RELEASE, pods),
      revisions: await revisions(session),
      ms,
    });
  };

  session.heading('A memcached release, and a backup of it');
  session.recording = true;
  await session.must(`helm install ${RELEASE} ./chart ${n} -f values.json --wait > /dev/null`);
  await session.must(
    `helm upgrade ${RELEASE} ./chart ${n} --reuse-values --set memcached.maxMemory=${GROWN_MEMORY} --wait > /dev/null`,
  );
  await session.must(`kubectl memcached-backup backup ${RELEASE} ${n}`);
  session.recording = false;
  session.comment('The same, as the guide backs it up');
  for (const command of guideBackup(place)) await session.must(command);

  session.heading('Damage 1: a helm upgrade with the wrong memory and the wrong connection limit');
  session.recording = true;
  session.comment('A bad upgrade: the wrong memory, the wrong connection limit');
  await breakIt();
  session.recording = false;
  session.comment('The guide, scenario 1: apply the ConfigMap, restart, wait, look at memcached -h');
  await recover('Bad upgrade', 'the guide', guideConfigurationRecovery(place));
  session.recording = true;
  session.comment(
    "The guide's commands restarted the pods and changed no setting; the same damage, the other way",
  );
  await recover('Bad upgrade', RESTORE, [restore]);
  session.recording = false;

  session.heading('Damage 2: the namespace is deleted');
  await deleteIt();
  session.comment('The guide, scenario 2: create the namespace, apply the ConfigMap, install again');
  await recover('Namespace deleted', 'the guide', guideRecreation(place));
  session.comment('The same damage again, and the other way');
  session.recording = true;
  session.comment('The namespace is deleted');
  await deleteIt();
  await recover('Namespace deleted', RESTORE, [restore]);
  await session.must(`helm history ${RELEASE} ${n}`);
  session.recording = false;

  session.heading('What each did, as the pods themselves say afterwards');
  const table = comparisonTable(recoveries);
  process.stdout.write(`${table}\n`);
  const failed = recoveries.filter(({ way, settingsRight: { pods, of } }) => way === RESTORE && pods !== of);
  if (failed.length > 0) throw new Error('restore did not bring the settings back: see the table');
  return `\`\`\`console\n${session.transcript()}\n\`\`\`\n\n${table}`;

  async function revisions(to: Session): Promise<number> {
    const { output } = await to.quietly(`helm history ${RELEASE} ${n} -o json`);
    return (JSON.parse(output) as unknown[]).length;
  }
}

/** `kubectl wait` of the guide is content with pods of before the restart; judge it by the state it arrives at. */
async function settled(kubectl: Kubectl): Promise<void> {
  expectCode(await kubectl.run('rollout', 'status', `deployment/${RELEASE}`, '--timeout=120s'));
}
