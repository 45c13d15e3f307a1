import type { JsonObject } from '../../../../../src/model/json/json.ts';
import type { TestClaim } from '../../a-claim.ts';
import type { Fixture } from '../../release.ts';
import { hasCondition } from '../../wait-for.ts';

export const SCHEDULE = 'memcached-backup';

/** A schedule that this tool installed, whose run has succeeded, with a release and the claim that it saves to. */
export interface InstalledSchedule extends Fixture {
  claim: TestClaim;
  /** A file with the key that its runs sign with; it is in the Secret `signing`. */
  signKey: string;
  /** Of an S3 server that pods reach, and that says AccessDenied to whatever it is asked. */
  denyingEndpoint: string;
  /** Installs it again: what it was made with is so again. */
  reinstall(): Promise<void>;
}

/** Something that is broken of such a schedule. */
export interface ScheduleFault {
  name: string;
  /** Failures and warnings of the areas access and schedule, as ClusterFault.reports has them. */
  reports: readonly string[];
  /** What stands in the evidence. */
  says?: RegExp;
  /** What `--fix` mends of it, by its code; what it leaves is left to `heal`. */
  mends: readonly string[];
  plant(schedule: InstalledSchedule): Promise<void>;
  heal?(schedule: InstalledSchedule): Promise<void>;
  /** The code whose last fix is typed in the end, as it was printed. */
  typed?: string;
}

/** One after the other on the same schedule: each leaves it as it was. */
export const SCHEDULE_OF_TOOL_FAULTS: readonly ScheduleFault[] = [
  {
    name: 'fields that its runs rely on, a Role that is short by one rule, and a Secret without its key',
    reports: ['MB120', 'MB209', 'MB211', 'MB213', 'MB232'],
    mends: ['MB120', 'MB209', 'MB211', 'MB213'],
    plant: async ({ kubectl }) => {
      await change(kubectl, { concurrencyPolicy: 'Allow', startingDeadlineSeconds: 5 });
      await change(kubectl, { jobTemplate: { spec: { activeDeadlineSeconds: 20 } } });
      await withoutARule(kubectl);
      await kubectl.ok(
        'patch',
        'secret',
        'signing',
        '--type=json',
        '-p',
        '[{"op":"remove","path":"/data/sign-key"}]',
      );
    },
    heal: giveSignKey,
  },
  {
    name: 'that it is suspended',
    reports: ['MB202'],
    mends: ['MB202'],
    plant: ({ kubectl }) => change(kubectl, { suspend: true }),
  },
  {
    name: 'that it is suspended, by the command that resumes it',
    reports: ['MB202'],
    mends: [],
    plant: ({ kubectl }) => change(kubectl, { suspend: true }),
    typed: 'MB202',
  },
  {
    name: 'a time limit that stopped a run',
    reports: ['MB221 (MB211)'],
    mends: ['MB221'],
    plant: async ({ kubectl, signKey }) => {
      await change(kubectl, { jobTemplate: { spec: { activeDeadlineSeconds: 1 } } });
      // It would end in time: what it waits for is not there.
      await kubectl.ok('delete', 'secret', 'signing');
      await failedRun(kubectl, 'stopped');
      await giveSignKey({ kubectl, signKey });
    },
  },
  {
    name: 'times that count from a restart',
    reports: ['MB212'],
    mends: [],
    plant: ({ kubectl }) => change(kubectl, { schedule: '@every 24h' }),
    heal: ({ reinstall }) => reinstall(),
  },
  {
    name: 'a day that no month has',
    reports: ['MB204'],
    mends: [],
    plant: ({ kubectl }) => change(kubectl, { schedule: '0 2 31 2 *' }),
    heal: ({ reinstall }) => reinstall(),
  },
  {
    name: 'an image that was mistyped',
    reports: ['MB230'],
    mends: ['MB230'],
    plant: async ({ kubectl }) => {
      await kubectl.ok(
        'set',
        'image',
        `cronjob/${SCHEDULE}`,
        'backup=registry.example/memcached-backup:typo',
      );
      await startRun(kubectl, 'typo');
      await kubectl.objects.until(
        'pods',
        (pods) => {
          if (!/ErrImagePull|ImagePullBackOff/.test(JSON.stringify(pods)))
            throw new Error('it is not pulled yet');
        },
        { labels: 'job-name=typo' },
      );
    },
  },
  {
    name: 'that its service account is gone',
    reports: ['MB224'],
    mends: ['MB224'],
    plant: async ({ kubectl }) => {
      await kubectl.ok('delete', 'serviceaccount', SCHEDULE);
    },
  },
  {
    name: 'a claim that is full',
    says: /can't write to the store \/backup: the disk is full/,
    reports: ['MB244 (MB220)'],
    mends: [],
    plant: async ({ kubectl, claim }) => {
      await claim.inNode('sh', '-c', `cat /dev/zero > ${claim.folder}/ballast 2>/dev/null; true`);
      await failedRun(kubectl, 'full');
    },
    heal: async ({ kubectl, claim }) => {
      await claim.inNode('rm', `${claim.folder}/ballast`);
      await goodRun(kubectl, 'not-full');
    },
  },
  {
    name: 'a store that denies its runs what they need',
    says: /the store \/backup: the file system is read-only/,
    reports: ['MB245 (MB220)'],
    mends: [],
    plant: async ({ kubectl, claim }) => {
      // An owner that does not fit, the kubelet would put right for its fsGroup.
      await claim.inNode('mount', '-o', 'remount,ro', claim.folder);
      await failedRun(kubectl, 'denied');
    },
    heal: async ({ claim }) => {
      await claim.inNode('mount', '-o', 'remount,rw', claim.folder);
    },
    typed: 'MB245',
  },
  {
    name: 'a bucket whose policy denies its runs everything',
    says: /the store s3:\/\/denied\/team: permission denied: no policy allows s3:\w+ on /,
    reports: ['MB245 (MB220)'],
    mends: [],
    plant: async ({ kubectl, denyingEndpoint, namespace }) => {
      const args = [
        'backup',
        '-n',
        namespace,
        '--store',
        's3://denied/team',
        '--s3-endpoint',
        denyingEndpoint,
      ];
      const pod = { spec: { containers: [{ name: 'backup', args }] } };
      await change(kubectl, { jobTemplate: { spec: { template: pod } } });
      const env = [
        'AWS_REGION=us-east-1',
        'AWS_ACCESS_KEY_ID=none',
        'AWS_SECRET_ACCESS_KEY=nothing-of-the-kind',
      ];
      await kubectl.ok('set', 'env', `cronjob/${SCHEDULE}`, ...env);
      await failedRun(kubectl, 'bucket');
    },
    heal: async ({ kubectl, reinstall }) => {
      const env = ['AWS_REGION-', 'AWS_ACCESS_KEY_ID-', 'AWS_SECRET_ACCESS_KEY-'];
      await kubectl.ok('set', 'env', `cronjob/${SCHEDULE}`, ...env);
      await reinstall();
      await goodRun(kubectl, 'not-denied-any-more');
    },
  },
  {
    name: 'a Role that is short by one rule, after a run met it',
    reports: ['MB120 (MB220, MB246, MB250)'],
    // A run that was not complete is mended by none but a new one.
    mends: ['MB120'],
    plant: async ({ kubectl }) => {
      await withoutARule(kubectl);
      await failedRun(kubectl, 'short');
    },
    heal: ({ kubectl }) => goodRun(kubectl, 'not-short'),
  },
];

export async function giveSignKey({
  kubectl,
  signKey,
}: Pick<InstalledSchedule, 'kubectl' | 'signKey'>): Promise<void> {
  const key = `--from-file=sign-key=${signKey}`;
  await kubectl.apply(await kubectl.json('create', 'secret', 'generic', 'signing', key, '--dry-run=client'));
}

export async function startRun(kubectl: Fixture['kubectl'], name: string): Promise<void> {
  await kubectl.ok('create', 'job', `--from=cronjob/${SCHEDULE}`, name);
}

export async function goodRun(kubectl: Fixture['kubectl'], name: string): Promise<void> {
  await startRun(kubectl, name);
  await hasCondition(kubectl, `job/${name}`, 'Complete', 60_000);
}

/** Once is enough: what a retry would say is the same. */
async function failedRun(kubectl: Fixture['kubectl'], name: string): Promise<void> {
  const job = await kubectl.json('create', 'job', `--from=cronjob/${SCHEDULE}`, name, '--dry-run=client');
  await kubectl.apply({ ...job, spec: { ...(job.spec as JsonObject), backoffLimit: 0 } });
  await hasCondition(kubectl, `job/${name}`, 'Failed', 60_000);
}

async function change(kubectl: Fixture['kubectl'], spec: JsonObject): Promise<void> {
  await kubectl.ok('patch', 'cronjob', SCHEDULE, '-p', JSON.stringify({ spec }));
}

/** The first rule is what releases are read by. */
async function withoutARule(kubectl: Fixture['kubectl']): Promise<void> {
  await kubectl.ok('patch', 'role', SCHEDULE, '--type=json', '-p', '[{"op":"remove","path":"/rules/0"}]');
}
