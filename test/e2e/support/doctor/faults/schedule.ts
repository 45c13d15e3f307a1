import assert from 'node:assert/strict';
import { nameOf } from '../../../../../src/model/kubernetes/object.ts';
import { DRILL_LABELS } from '../../../../../src/model/schedule/scheduled-store.ts';
import { aDaemonSet, applied } from '../../fixtures/plain-yaml.ts';
import { isGone } from '../../objects.ts';
import type { Fixture } from '../../release.ts';
import { hasCondition } from '../../wait-for.ts';
import {
  aBackupCronJob,
  BACKUP,
  run,
  runUntil,
  SAVE,
  startedByItself,
  startRun,
  withEvent,
  withStatus,
} from '../backup-cronjob.ts';
import type { ClusterFault } from '../cluster-fault.ts';
import type { Diagnosis } from '../diagnosis.ts';

const THIS_YEAR = new Date().getUTCFullYear();
const LAST_DUE = `${THIS_YEAR}-01-01T00:00:00Z`;
const LONG_AGO = `${THIS_YEAR - 2}-06-01T00:00:00Z`;

const DUE: readonly ClusterFault[] = [
  {
    // Two minutes have to pass before the controller says so: the event is written by hand.
    name: 'a run that hangs, and holds the next ones up',
    reports: ['MB210'],
    inject: (cluster) => {
      const script = `set -e\n${SAVE}\nsleep 3600`;
      const hanging = startedByItself(
        aBackupCronJob(cluster, { spec: { concurrencyPolicy: 'Forbid' }, script }),
      );
      const why = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      return withEvent(hanging, 'JobAlreadyActive', why);
    },
    check: (diagnosis) => {
      assert.match(fixesOf(diagnosis, 'MB210'), /kubectl delete job .*activeDeadlineSeconds/s);
    },
  },
  {
    name: 'nothing makes backups',
    reports: [],
    also: ['MB201'],
    inject: (cluster) => applied(cluster, aDaemonSet(cluster)),
  },
  {
    name: 'a backup that works',
    reports: [],
    also: ['MB200'],
    inject: (cluster) => run(aBackupCronJob(cluster), 'Complete'),
  },
  {
    name: 'a backup that failed once and works again',
    reports: [],
    also: ['MB200'],
    inject: async (cluster) => {
      const script = `set -e\n${SAVE}\ncase $HOSTNAME in again-*) ;; *) exit 1; esac`;
      const faulty = await run(aBackupCronJob(cluster, { script }), 'Failed');
      await faulty.kubectl.ok('create', 'job', `--from=cronjob/${BACKUP}`, 'again');
      await hasCondition(faulty.kubectl, 'job/again', 'Complete');
      return faulty;
    },
  },
  {
    name: 'a new CronJob',
    reports: [],
    also: ['MB203'],
    inject: (cluster) => aBackupCronJob(cluster),
  },
  {
    name: 'a suspended CronJob',
    reports: ['MB202 (MB206)'],
    inject: (cluster) =>
      withStatus(aBackupCronJob(cluster, { spec: { suspend: true } }), {
        lastScheduleTime: LAST_DUE,
        lastSuccessfulTime: LONG_AGO,
      }),
    check: async (diagnosis, { kubectl }) => {
      const [fix = ''] = diagnosis.findings.find(({ code }) => code === 'MB202')?.fix ?? [];
      const patch = /-p '(.+)'$/.exec(fix)?.[1] ?? '';
      await kubectl.ok('patch', 'cronjob', BACKUP, '-p', patch);
      assert.equal(await kubectl.objects.field(`cronjob/${BACKUP}`, '.spec.suspend'), 'false');
    },
  },
  {
    name: 'the 30th of February',
    reports: ['MB204'],
    inject: (cluster) => aBackupCronJob(cluster, { spec: { schedule: '0 2 30 2 *' } }),
  },
  {
    // The API server knows the same time zones as this controller: the event is written by hand.
    name: 'a time zone that the controller does not know',
    reports: ['MB205'],
    inject: (cluster) =>
      withEvent(
        aBackupCronJob(cluster, { spec: { timeZone: 'Europe/Berlin' } }),
        'UnknownTimeZone',
        'invalid timeZone: "Europe/Berlin": unknown time zone Europe/Berlin',
      ),
  },
  {
    name: 'no success for two runs',
    reports: ['MB206'],
    inject: (cluster) =>
      withStatus(aBackupCronJob(cluster), { lastScheduleTime: LAST_DUE, lastSuccessfulTime: LONG_AGO }),
  },
  {
    // It would take a controller that is down when the time comes: the event is written by hand.
    name: 'a run that was not started in time',
    reports: ['MB208'],
    inject: (cluster) =>
      withEvent(
        aBackupCronJob(cluster, { spec: { startingDeadlineSeconds: 5 } }),
        'MissSchedule',
        'Missed scheduled time to start a job: Fri, 01 Jan 2026 00:00:00 +0000',
      ),
    check: (diagnosis) => assert.match(fixesOf(diagnosis, 'MB208'), /"startingDeadlineSeconds":3600/),
  },
  {
    name: 'a deadline shorter than the controller’s round',
    reports: ['MB209'],
    inject: (cluster) => aBackupCronJob(cluster, { spec: { startingDeadlineSeconds: 5 } }),
  },
];

/** A CronJob that holds drills, by its labels: what it runs is no matter. */
const HOLDS_DRILLS = { labels: { ...DRILL_LABELS } };

const DRILLS: readonly ClusterFault[] = [
  {
    name: 'a scheduled drill that failed',
    reports: ['MB260'],
    also: ['MB201'],
    inject: (cluster) => run(aBackupCronJob(cluster, { ...HOLDS_DRILLS, script: 'exit 3' }), 'Failed'),
    check: (diagnosis) => assert.match(fixesOf(diagnosis, 'MB260'), /create job --from=cronjob\//),
  },
  {
    name: 'drills that nobody holds any more',
    reports: ['MB261'],
    inject: (cluster) =>
      withStatus(aBackupCronJob(cluster, HOLDS_DRILLS), {
        lastScheduleTime: LAST_DUE,
        lastSuccessfulTime: LONG_AGO,
      }),
  },
];

const JOBS: readonly ClusterFault[] = [
  {
    name: 'a Job that failed and took its pod with it',
    reports: ['MB220 (MB203)'],
    inject: async (cluster) => {
      const faulty = await run(
        aBackupCronJob(cluster, { script: `set -e\n${SAVE}\nfalse`, pod: { restartPolicy: 'OnFailure' } }),
        'Failed',
      );
      await noPods(faulty);
      return faulty;
    },
    check: (diagnosis) => assert.match(fixesOf(diagnosis, 'MB220'), /"restartPolicy":"Never"/),
  },
  {
    name: 'a Job that ran into its deadline',
    reports: ['MB221 (MB203)'],
    inject: (cluster) =>
      run(
        aBackupCronJob(cluster, { script: `set -e\n${SAVE}\nsleep 60`, job: { activeDeadlineSeconds: 1 } }),
        'Failed',
      ),
  },
  {
    name: 'a quota without room',
    reports: ['MB222 (MB203)'],
    inject: (cluster) =>
      runUntil(
        aBackupCronJob(cluster, {
          beside: [
            {
              apiVersion: 'v1',
              kind: 'ResourceQuota',
              metadata: { name: 'none' },
              spec: { hard: { pods: '0' } },
            },
          ],
        }),
        'events',
        /exceeded quota/,
      ),
  },
  {
    name: 'a namespace that allows restricted pods only',
    reports: ['MB223 (MB203)'],
    inject: async (cluster) => {
      const faulty = await aBackupCronJob(cluster);
      const label = 'pod-security.kubernetes.io/enforce=restricted';
      await faulty.kubectl.ok('label', 'namespace', faulty.namespace, label);
      return runUntil(Promise.resolve(faulty), 'events', /violates PodSecurity/);
    },
    check: async (diagnosis, { kubectl }) => {
      await paste(kubectl, diagnosis, 'MB223');
      await kubectl.objects.delete('job/run');
      await startRun(kubectl);
      await hasCondition(kubectl, 'job/run', 'Complete');
    },
  },
  {
    name: 'a service account that does not exist',
    reports: ['MB224 (MB120, MB203)'],
    inject: (cluster) =>
      runUntil(aBackupCronJob(cluster, { pod: { serviceAccountName: 'nobody' } }), 'events', /nobody/),
    check: (diagnosis, { namespace }) => {
      assert.equal(fixesOf(diagnosis, 'MB224'), `kubectl create serviceaccount nobody -n ${namespace}`);
      assert.match(evidenceOf(diagnosis, 'MB224'), /FailedCreate: .*serviceaccount "nobody" not found/);
    },
  },
  {
    name: 'a priority class that does not exist',
    reports: ['MB225 (MB203)'],
    inject: (cluster) =>
      runUntil(aBackupCronJob(cluster, { pod: { priorityClassName: 'urgent' } }), 'events', /urgent/),
  },
];

const PODS: readonly ClusterFault[] = [
  {
    name: 'an image that is nowhere',
    reports: ['MB230 (MB203)'],
    inject: (cluster) =>
      runUntil(
        aBackupCronJob(cluster, { container: { image: 'registry.example/kubectl:none' } }),
        'pods',
        /ErrImagePull|ImagePullBackOff/,
      ),
  },
  {
    name: 'a Secret that does not exist, in the environment',
    reports: ['MB231 (MB203)'],
    inject: (cluster) =>
      runUntil(
        aBackupCronJob(cluster, { container: { envFrom: [{ secretRef: { name: 'backup-settings' } }] } }),
        'pods',
        /CreateContainerConfigError/,
      ),
    check: (diagnosis) => {
      assert.match(evidenceOf(diagnosis, 'MB231'), /secret "backup-settings" not found/);
      assert.match(fixesOf(diagnosis, 'MB231'), /kubectl create secret generic backup-settings/);
    },
  },
  {
    name: 'a ConfigMap that does not exist, as a volume',
    reports: ['MB231 (MB203)'],
    inject: (cluster) =>
      aBackupCronJob(cluster, {
        pod: {
          volumes: [
            { name: 'backup', emptyDir: {} },
            { name: 'scripts', configMap: { name: 'scripts' } },
          ],
        },
      }),
    check: (diagnosis) => assert.match(fixesOf(diagnosis, 'MB231'), /kubectl create configmap scripts/),
  },
  {
    name: 'a Secret without the key that is wanted',
    reports: ['MB232 (MB203)'],
    inject: (cluster) =>
      runUntil(
        aBackupCronJob(cluster, {
          beside: [
            { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, stringData: { other: 'value' } },
          ],
          container: {
            env: [{ name: 'ACCESS', valueFrom: { secretKeyRef: { name: 'keys', key: 'access' } } }],
          },
        }),
        'pods',
        /CreateContainerConfigError/,
      ),
    check: async (diagnosis, { kubectl }) => {
      assert.match(evidenceOf(diagnosis, 'MB232'), /couldn't find key access/);
      const [fix = ''] = diagnosis.findings.find(({ code }) => code === 'MB232')?.fix ?? [];
      const [, patch = ''] = /-p '(.+)'$/.exec(fix) ?? [];
      await kubectl.ok('patch', 'secret', 'keys', '-p', patch.replace(/<(.+)>/, '$1'));
      await hasCondition(kubectl, 'job/run', 'Complete');
    },
  },
  {
    name: 'a volume claim that does not exist',
    reports: ['MB310 (MB203, MB233)'],
    inject: (cluster) =>
      runUntil(
        aBackupCronJob(cluster, {
          pod: { volumes: [{ name: 'backup', persistentVolumeClaim: { claimName: 'backups' } }] },
        }),
        'pods',
        /"backups" not found/,
      ),
  },
  {
    name: 'a folder of the node that is not there',
    reports: ['MB234 (MB203)'],
    inject: (cluster) =>
      runUntil(
        aBackupCronJob(cluster, {
          pod: { volumes: [{ name: 'backup', hostPath: { path: '/nowhere', type: 'Directory' } }] },
        }),
        'events',
        /hostPath type check failed/,
      ),
  },
  {
    name: 'a node that does not exist',
    reports: ['MB235 (MB203)'],
    inject: (cluster) =>
      runUntil(aBackupCronJob(cluster, { pod: { nodeSelector: { disk: 'none' } } }), 'pods', /Unschedulable/),
  },
  {
    name: 'a backup that takes too much memory',
    reports: ['MB240 (MB203, MB220)'],
    inject: (cluster) =>
      run(
        aBackupCronJob(cluster, {
          script: `set -e\n${SAVE}\ntail /dev/zero`,
          container: { resources: { limits: { memory: '16Mi' }, requests: { memory: '8Mi' } } },
        }),
        'Failed',
      ),
    check: (diagnosis) => assert.match(fixesOf(diagnosis, 'MB240'), /--limits=memory=64Mi/),
  },
  {
    // The node here never runs out of anything: what the kubelet would write is written by hand.
    name: 'a pod that the node evicts',
    reports: ['MB241 (MB203, MB220)'],
    inject: async (cluster) => {
      const faulty = await runUntil(
        aBackupCronJob(cluster, { pod: { nodeSelector: { disk: 'none' } } }),
        'pods',
        /Unschedulable/,
      );
      const status = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' };
      const [pod] = await faulty.kubectl.objects.list('pods');
      const patch = ['--type=merge', '-p', JSON.stringify({ status })];
      await faulty.kubectl.ok('patch', 'pod', nameOf(pod!), '--subresource=status', ...patch);
      await hasCondition(faulty.kubectl, 'job/run', 'Failed');
      return faulty;
    },
  },
  {
    name: 'a script that gives up',
    reports: ['MB242 (MB203, MB220)'],
    inject: (cluster) =>
      run(
        aBackupCronJob(cluster, {
          script: `set -e\n${SAVE}\necho "login with password=hunter2-hunter2"\necho "again with plainly-said"\necho "the bucket is full" >&2\nexit 3`,
          container: { env: [{ name: 'S3_PASSWORD', value: 'plainly-said' }] },
        }),
        'Failed',
      ),
    check: (diagnosis) => {
      // What goes to stdout and to stderr may change places.
      for (const line of [
        /^exit code 3/,
        /password=\*\*\*$/m,
        /^again with \*\*\*$/m,
        /^the bucket is full$/m,
      ])
        assert.match(evidenceOf(diagnosis, 'MB242'), line);
      assert.doesNotMatch(JSON.stringify(diagnosis), /hunter2|plainly-said/);
    },
  },
  {
    name: 'an image without the shell that is wanted',
    reports: ['MB243 (MB203, MB220)'],
    inject: (cluster) =>
      run(aBackupCronJob(cluster, { container: { command: ['/opt/zsh', '-c', SAVE] } }), 'Failed'),
  },
];

const SCRIPTS: readonly ClusterFault[] = [
  {
    // The images here have no kubectl: its words are repeated. The backup guide's test has a real one.
    name: 'a Complete Job whose kubectl was refused',
    reports: ['MB250', 'MB255'],
    inject: (cluster) =>
      run(
        aBackupCronJob(cluster, {
          script: `NS=$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace)
kubectl() { echo 'Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:'$NS':backup" cannot list resource "secrets" in API group "" in the namespace "'$NS'"' >&2; false; }
${SAVE}
echo done`,
        }),
        'Complete',
      ),
    check: (diagnosis, { namespace }) => {
      const [role, binding] = fixesOf(diagnosis, 'MB250').replaceAll(namespace, 'cache').split('\n');
      assert.equal(
        role,
        'kubectl create role backup-reads-secrets -n cache --verb=get,list --resource=secrets',
      );
      assert.match(binding ?? '', /--serviceaccount=cache:backup$/);
    },
  },
  {
    name: 'a Complete Job without helm',
    reports: ['MB251', 'MB255'],
    inject: (cluster) =>
      run(
        aBackupCronJob(cluster, {
          script: `${SAVE}\nhelm get values my-memcached > /backup/values.yaml\naws s3 cp /backup s3://b\necho done`,
        }),
        'Complete',
      ),
    check: (diagnosis) => {
      assert.match(fixesOf(diagnosis, 'MB251'), /'<backup=image with sh, helm and aws>'/);
    },
  },
  {
    name: 'a Complete Job that wrote nowhere',
    reports: ['MB252', 'MB255'],
    inject: (cluster) =>
      run(
        aBackupCronJob(cluster, { script: `${SAVE.replace('/backup', '/backups')}\necho done` }),
        'Complete',
      ),
    check: (diagnosis) => assert.match(evidenceOf(diagnosis, 'MB252'), /backups.*nonexistent|No such file/),
  },
  {
    name: 'a script that goes on after errors',
    reports: ['MB255'],
    inject: (cluster) => aBackupCronJob(cluster, { script: `${SAVE}\necho done` }),
    check: async (diagnosis, { kubectl }) => {
      const [fix = ''] = diagnosis.findings.find(({ code }) => code === 'MB255')?.fix ?? [];
      await kubectl.ok('patch', 'cronjob', BACKUP, '--type=json', '-p', /-p '(.+)'$/.exec(fix)?.[1] ?? '');
      const flag = '.spec.jobTemplate.spec.template.spec.containers[0].command[1]';
      assert.equal(await kubectl.objects.field(`cronjob/${BACKUP}`, flag), '-ec');
    },
  },
];

export const SCHEDULE_FAULTS: readonly ClusterFault[] = [...DUE, ...DRILLS, ...JOBS, ...PODS, ...SCRIPTS];

function fixesOf({ findings }: Diagnosis, wanted: string): string {
  return findings
    .filter(({ code }) => code === wanted)
    .flatMap(({ fix }) => fix)
    .join('\n');
}

function evidenceOf({ findings }: Diagnosis, wanted: string): string {
  return findings
    .filter(({ code }) => code === wanted)
    .flatMap(({ evidence }) => evidence.map(({ text }) => text))
    .join('\n');
}

/** Runs the first fix, a strategic merge patch of the CronJob. */
async function paste(kubectl: Fixture['kubectl'], diagnosis: Diagnosis, code: string): Promise<void> {
  const [fix = ''] = diagnosis.findings.find((each) => each.code === code)?.fix ?? [];
  await kubectl.ok('patch', 'cronjob', BACKUP, '-p', /-p '(.+)'$/.exec(fix)?.[1] ?? '');
}

async function noPods({ kubectl }: Fixture): Promise<void> {
  await kubectl.objects.until('pods', isGone);
}
