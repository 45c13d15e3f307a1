import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { ensureCluster } from '../../cluster/cluster.ts';
import { imageOfPrograms } from '../../cluster/program-image.ts';
import { codesOf, type Diagnosis, diagnose } from '../support/doctor/diagnosis.ts';
import { expectCode, run } from '../support/process.ts';
import { aRelease, type TestRelease } from '../support/release.ts';
import { hasCondition, hasField } from '../support/wait-for.ts';

const cluster = await ensureCluster();
const skip = cluster.external && 'images with kubectl and helm are loaded into our own cluster only';
const SUPPORT = join(import.meta.dirname, '../support/doctor');
const CRONJOB = 'memcached-backup';

/**
 * The backup guide's own objects beside a release, word for word but for the namespace, in the order in which
 * somebody meets what is wrong with them. Every fix that is taken is the one that doctor gives.
 */
test('the backup guide’s CronJob: doctor leads from one failure to the next, and to a backup in the end', {
  skip,
}, async () => {
  await using release = await aRelease(cluster, cluster.helms[0]!).installed();
  await using kubectlOnly = await imageOfPrograms('kubectl', [cluster.kubectl]);
  await using kubectlAndHelm = await imageOfPrograms('kubectl-helm', [
    cluster.kubectl,
    cluster.helms[0]!.path,
  ]);

  await applyGuide(release, 'guide-cronjob.yaml');
  await startJob(release);
  await until(release, /persistentvolumeclaim .*memcached-backup-pvc.* not found/);
  const noClaim = await diagnose(release);
  // That the Role lacks secrets is known before the script has run.
  assert.deepEqual(codesOf(noClaim), ['MB120', 'MB255', 'MB310 (MB203, MB233)'], said(noClaim));
  assert.equal(findingOf(noClaim, 'MB310').object?.name, 'memcached-backup-pvc');

  await applyGuide(release, 'guide-pvc.yaml');
  await until(release, /ErrImagePull|ImagePullBackOff/);
  const noImage = await diagnose(release);
  assert.deepEqual(codesOf(noImage), ['MB120', 'MB230 (MB203)', 'MB255'], said(noImage));
  const pull = findingOf(noImage, 'MB230');
  assert.match(pull.summary, /bitnami\/kubectl:latest can't be pulled/);
  assert.match(pull.fix[0]!, /=image with sh, kubectl and helm>'/);
  await paste(withImage(pull.fix[0]!, kubectlOnly.name));

  await neverPull(release);
  await startJob(release);
  await jobEnds(release);
  const noHelm = await diagnose(release);
  assert.deepEqual(codesOf(noHelm), ['MB120', 'MB251', 'MB255'], said(noHelm));
  const program = findingOf(noHelm, 'MB251');
  assert.match(program.summary, /its image has no helm, and its Job is Complete all the same/);
  assert.match(program.evidence[0]!.text, /helm: not found/);
  await paste(withImage(program.fix[0]!, kubectlAndHelm.name));

  await startJob(release);
  await jobEnds(release);
  const noSecrets = await diagnose(release);
  assert.deepEqual(codesOf(noSecrets), ['MB120 (MB250)', 'MB255'], said(noSecrets));
  assert.match(findingOf(noSecrets, 'MB120').summary, /list secrets/);
  await paste(findingOf(noSecrets, 'MB120').fix[0]!);
  await paste(findingOf(noSecrets, 'MB255').fix[0]!);

  await startJob(release);
  await jobEnds(release);
  const works = await diagnose(release);
  assert.deepEqual(codesOf(works), [], said(works));
  assert.match(findingOf(works, 'MB200').summary, /backs up \(0 2 \* \* \*\)/);
  assert.match(await savedFiles(release), /USER-SUPPLIED VALUES[\s\S]*repository/);
});

async function applyGuide({ kubectl, namespace }: TestRelease, file: string): Promise<void> {
  const yaml = readFileSync(join(SUPPORT, file), 'utf8')
    .replaceAll('namespace: default', `namespace: ${namespace}`)
    .replaceAll('-n default', `-n ${namespace}`);
  const outcome = await run('sh', ['-c', 'kubectl apply -f -'], { env: withKubectl(), input: yaml });
  expectCode(outcome);
  await kubectl.objects.get(`cronjob/${CRONJOB}`);
}

/** As the guide tests its backup. */
async function startJob({ kubectl }: TestRelease): Promise<void> {
  await kubectl.ok('delete', 'job', 'manual', '--ignore-not-found');
  await kubectl.ok('create', 'job', `--from=cronjob/${CRONJOB}`, 'manual');
}

/** The tag "latest" made it Always; our images are in the node and in no registry. */
async function neverPull({ kubectl }: TestRelease): Promise<void> {
  const path = '/spec/jobTemplate/spec/template/spec/containers/0/imagePullPolicy';
  const patch = JSON.stringify([{ op: 'replace', path, value: 'Never' }]);
  await kubectl.ok('patch', 'cronjob', CRONJOB, '--type=json', '-p', patch);
}

async function jobEnds({ kubectl }: TestRelease): Promise<void> {
  await hasCondition(kubectl, 'job/manual', 'Complete', 120_000);
}

/** Until the Job's pod says this. */
async function until({ kubectl }: TestRelease, pattern: RegExp): Promise<void> {
  const check = (pods: JsonObject[]) => assert.match(JSON.stringify(pods), pattern);
  await kubectl.objects.until('pods', check, { labels: 'job-name=manual' });
}

/** Puts an image into the gap that a fix has for it. */
function withImage(command: string, image: string): string {
  const filled = command.replace(/'<([\w-]+)=[^']*>'/, `$1=${image}`);
  assert.notEqual(filled, command, `no gap for an image: ${command}`);
  return filled;
}

/** Types a fix into a shell, as a person does. */
async function paste(command: string): Promise<void> {
  expectCode(await run('sh', ['-c', command], { env: withKubectl() }));
}

function withKubectl(): NodeJS.ProcessEnv {
  const path = [dirname(cluster.kubectl), process.env.PATH].join(':');
  return { ...process.env, PATH: path, KUBECONFIG: cluster.kubeconfig };
}

/** What is in the claim: printed by a pod that mounts it. */
async function savedFiles({ kubectl }: TestRelease): Promise<string> {
  await kubectl.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'reader' },
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'reader',
          image: cluster.images.toolbox ?? cluster.images.memcached,
          command: ['sh', '-c', 'cat /backup/values-*'],
          volumeMounts: [{ name: 'backup', mountPath: '/backup' }],
        },
      ],
      volumes: [{ name: 'backup', persistentVolumeClaim: { claimName: 'memcached-backup-pvc' } }],
    },
  });
  await hasField(kubectl, 'pod/reader', { path: '.status.phase', value: 'Succeeded' });
  return kubectl.ok('logs', 'reader');
}

function findingOf({ findings }: Diagnosis, code: string): Diagnosis['findings'][number] {
  const found = findings.find((each) => each.code === code);
  assert.ok(found, code);
  return found;
}

function said({ findings }: Diagnosis): string {
  return JSON.stringify(findings, null, 1);
}
