import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastLine } from '../../../../src/cli/termination-log.ts';
import { addClusterRules } from '../../../../src/doctor/access/add-rules.ts';
import { judgeDue } from '../../../../src/doctor/schedule/due.ts';
import { fieldAt, withChanges } from '../../../../src/doctor/schedule/field-change.ts';
import { judgeNeeds } from '../../../../src/doctor/schedule/missing.ts';
import { judgeRuns } from '../../../../src/doctor/schedule/newest-run.ts';
import { fittingLimit, judgeOwnSchedule } from '../../../../src/doctor/schedule/own-schedule.ts';
import { judgePodEnd } from '../../../../src/doctor/schedule/pod-end.ts';
import { ExitCode } from '../../../../src/errors/exit-code.ts';
import { ToolError } from '../../../../src/errors/tool-error.ts';
import type { Finding } from '../../../../src/model/findings/finding.ts';
import type { Json, JsonObject } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { readSchedule } from '../../../../src/model/schedule/cron-schedule.ts';
import { scheduleLabels, scheduleObjects } from '../../../../src/model/schedule/schedule-objects.ts';
import type { ScheduleSpec } from '../../../../src/model/schedule/schedule-spec.ts';
import { pvcWriteError } from '../../../../src/store/pvc/pvc-failure.ts';
import { S3Failure, s3WriteError } from '../../../../src/store/s3/s3-failure.ts';
import { MissingStore, writeError } from '../../../../src/store/store-error.ts';
import { storeFaultOf } from '../../../../src/store/store-fault.ts';
import { allSpelled } from '../../spelled.ts';
import { aJob, aPod, inState, NAMESPACE } from './objects.ts';

const NOW = new Date('2026-11-29T12:00:00Z');
const POD = ['spec', 'jobTemplate', 'spec', 'template', 'spec'];
const LIMIT = ['spec', 'jobTemplate', 'spec', 'activeDeadlineSeconds'];

const SPEC: ScheduleSpec = {
  name: 'memcached-backup',
  namespace: NAMESPACE,
  cron: '0 2 * * *',
  timeZone: 'Etc/UTC',
  image: 'memcached-backup:1',
  account: { name: 'memcached-backup', isOurs: true, annotations: {} },
  args: ['backup', '-n', NAMESPACE, '--store', 's3://backups/team'],
  env: {},
  secrets: [{ use: 's3', name: 'aws' }],
  activeDeadlineSeconds: 1800,
  ttlSeconds: 604_800,
  rules: [],
};

/** As an install makes it, with these fields changed. */
function installed(...changes: [path: string[], to: Json | undefined][]): KubeObject {
  const made = scheduleObjects(SPEC).at(-1)!.object;
  const cronJob = {
    ...made,
    metadata: { ...(made.metadata as JsonObject), uid: 'cron', creationTimestamp: '2026-11-29T03:00:00Z' },
  };
  return withChanges(
    cronJob,
    changes.map(([path, to]) => ({ path, to })),
  );
}

async function judged(cronJob: KubeObject): Promise<Finding[]> {
  return judgeOwnSchedule({ cronJob }, await readSchedule(cronJob), NOW);
}

/** The CronJob as the finding's repair leaves it. */
function mended(cronJob: KubeObject, { repair }: Finding): KubeObject {
  const [step] = repair?.steps ?? [];
  assert.ok(step?.action === 'patch', 'it can be mended');
  return withChanges(
    cronJob,
    step.operations
      .filter(({ op }) => op !== 'test')
      .map(({ op, path, value }) => ({
        path: path.slice(1).split('/'),
        to: op === 'remove' ? undefined : value,
      })),
  );
}

test('what a command holds of secrets is repeated neither as evidence nor in a command to paste', async () => {
  const command = ['sh', '-c', 'AWS_SECRET_ACCESS_KEY=hunter2hunter2 PASSWORD=hunter2hunter2 backup'];
  const [finding] = await judged(installed([[...POD, 'containers', '0', 'command'], command]));
  assert.equal(finding?.code, 'MB213');
  assert.doesNotMatch(JSON.stringify([finding.evidence, finding.advice]), /hunter2/);
});

test('where runs are due too often for any limit, none is set again and again', async () => {
  const [finding] = await judged(installed([['spec', 'schedule'], '* * * * *'], [LIMIT, 60]));
  assert.equal(finding?.code, 'MB211');
  assert.equal(finding.repair, undefined);
});

test('one that is as it was made has nothing', async () => {
  assert.deepEqual(await judged(installed()), []);
});

test('it is resumed and run by this tool’s own commands, and one of somebody else by kubectl', async () => {
  const advised = async (...changes: Parameters<typeof installed>) => {
    const cronJob = installed([['spec', 'suspend'], true], ...changes);
    const found = judgeDue({
      cronJob,
      jobs: [],
      schedule: await readSchedule(cronJob),
      events: [],
      now: NOW,
    });
    const never = judgeDue({
      cronJob: withChanges(cronJob, [{ path: ['spec', 'suspend'], to: false }]),
      jobs: [],
      schedule: await readSchedule(cronJob),
      events: [],
      now: NOW,
    });
    return allSpelled([...found, ...never].flatMap(({ advice }) => advice));
  };
  assert.deepEqual(await advised(), [
    'kubectl memcached-backup schedule resume --name memcached-backup -n cache',
    'kubectl memcached-backup schedule run --name memcached-backup -n cache',
  ]);
  assert.deepEqual(await advised([['metadata', 'labels'], {}]), [
    `kubectl patch cronjob memcached-backup -n cache -p '{"spec":{"suspend":false}}'`,
    'kubectl create job --from=cronjob/memcached-backup $(date +memcached-backup-now-%s) -n cache',
  ]);
});

describe('each field that runs rely on, broken in turn, is found by its name and put back', () => {
  const cases: [code: string, path: string[], to: Json | undefined][] = [
    ['MB211', LIMIT, undefined],
    ['MB211', LIMIT, 20],
    ['MB211', LIMIT, 86_400],
    ['MB213', ['spec', 'concurrencyPolicy'], 'Allow'],
    ['MB213', ['spec', 'timeZone'], undefined],
    ['MB213', ['spec', 'jobTemplate', 'spec', 'podFailurePolicy'], undefined],
    ['MB213', [...POD, 'restartPolicy'], 'OnFailure'],
    ['MB213', [...POD, 'automountServiceAccountToken'], false],
    ['MB213', [...POD, 'containers', '0', 'command'], ['/bin/sh', '-c', 'true']],
    ['MB213', [...POD, 'containers', '0', 'terminationMessagePath'], '/tmp/end'],
    ['MB213', [...POD, 'containers', '0', 'terminationMessagePolicy'], 'File'],
  ];
  for (const [code, path, to] of cases) {
    test(`${path.at(-1)}: ${JSON.stringify(to) ?? 'taken away'}`, async () => {
      const cronJob = installed([path, to]);
      const [finding, ...others] = await judged(cronJob);
      assert.deepEqual([finding?.code, others], [code, []]);
      assert.match(finding!.evidence[0]!.text, new RegExp(path.at(-1)!));
      const again = mended(cronJob, finding!);
      assert.deepEqual(await judged(again), []);
      assert.deepEqual(fieldAt(again, path), fieldAt(installed(), path));
    });
  }

  test('several are one finding, and one repair', async () => {
    const cronJob = installed(
      [['spec', 'concurrencyPolicy'], 'Replace'],
      [[...POD, 'restartPolicy'], 'OnFailure'],
    );
    const [finding, ...others] = await judged(cronJob);
    assert.deepEqual(others, []);
    assert.match(
      finding!.repair!.what,
      /^put concurrencyPolicy, restartPolicy of cronjob\.batch\/memcached-backup back$/,
    );
    assert.deepEqual(await judged(mended(cronJob, finding!)), []);
  });

  test('a patch changes nothing that is not as it was seen', async () => {
    const [finding] = await judged(installed([LIMIT, 20]));
    const [step] = finding!.repair!.steps;
    assert.deepEqual(step?.action === 'patch' && step.operations[0], {
      op: 'test',
      path: '/spec/jobTemplate/spec/activeDeadlineSeconds',
      value: 20,
    });
  });
});

describe('what may well be meant otherwise, or is not ours, is left alone', () => {
  test('resources, users, history, another container beside', async () => {
    const sidecar = [
      ...(fieldAt(installed(), [...POD, 'containers']) as Json[]),
      { name: 'proxy', image: 'p' },
    ];
    const cronJob = installed(
      [[...POD, 'containers', '0', 'resources'], {}],
      [[...POD, 'securityContext'], {}],
      [['spec', 'successfulJobsHistoryLimit'], 1],
      [[...POD, 'containers'], sidecar],
    );
    assert.deepEqual(await judged(cronJob), []);
  });

  test('a CronJob without the labels', async () => {
    assert.deepEqual(await judged(installed([['metadata', 'labels'], {}], [LIMIT, undefined])), []);
  });

  test('what Argo CD would put back is found, and not mended', async () => {
    const labels = { ...scheduleLabels('memcached-backup'), 'argocd.argoproj.io/instance': 'ops' };
    const [finding] = await judged(installed([['metadata', 'labels'], labels], [LIMIT, 20]));
    assert.equal(finding?.code, 'MB211');
    assert.equal(finding?.repair, undefined);
  });
});

test('a time limit ends before the next run is due', async () => {
  assert.equal(fittingLimit(undefined), 1800);
  assert.equal(fittingLimit(86_400), 1800);
  assert.equal(fittingLimit(300), 290);
  const often = installed([['spec', 'schedule'], '*/15 * * * *']);
  const [finding] = await judged(often);
  assert.match(finding?.summary ?? '', /when the next one was due already/);
  assert.equal(fieldAt(mended(often, finding!), LIMIT), 890);
});

describe('when it is due', () => {
  const due = async (...changes: [string[], Json | undefined][]): Promise<Finding[]> => {
    const cronJob = installed(...changes);
    return judgeDue({ cronJob, jobs: [], schedule: await readSchedule(cronJob), events: [], now: NOW });
  };
  const codes = async (...changes: [string[], Json | undefined][]): Promise<string[]> =>
    (await due(...changes)).map(({ code }) => code);

  test('a time zone that nobody knows is told without the controller, whose event is gone after an hour', async () => {
    assert.deepEqual(await codes([['spec', 'timeZone'], 'Mars/Base']), ['MB205']);
    assert.deepEqual(await codes([['spec', 'timeZone'], 'Europe/Berlin']), ['MB203']);
  });
  test('a day that no month has', async () => {
    assert.deepEqual(await codes([['spec', 'schedule'], '0 2 31 2 *']), ['MB204']);
  });
  test('one that counts from a restart', async () => {
    assert.deepEqual(await codes([['spec', 'schedule'], '@every 12h']), ['MB212']);
  });
  test('one that is suspended is resumed', async () => {
    const [finding] = await due([['spec', 'suspend'], true]);
    assert.equal(finding?.code, 'MB202');
    assert.equal(
      fieldAt(mended(installed([['spec', 'suspend'], true]), finding!), ['spec', 'suspend']),
      false,
    );
  });
  test('a deadline to start that is too short is made an hour', async () => {
    const path = ['spec', 'startingDeadlineSeconds'];
    const [finding] = await due([path, 5]);
    assert.equal(finding?.code, 'MB209');
    assert.equal(fieldAt(mended(installed([path, 5]), finding!), path), 3600);
  });
  test('a run by hand hides no schedule that never fires', async () => {
    const created = { creationTimestamp: '2026-11-20T00:00:00Z' };
    const cronJob = withChanges(installed(), [
      { path: ['metadata', 'creationTimestamp'], to: created.creationTimestamp },
      // What a Job from `kubectl create job --from` sets, too.
      { path: ['status'], to: { lastSuccessfulTime: '2026-11-29T11:59:00Z' } },
    ]);
    const found = judgeDue({
      cronJob,
      jobs: [],
      schedule: await readSchedule(cronJob),
      events: [],
      now: NOW,
    });
    assert.deepEqual(
      found.map(({ code }) => code),
      ['MB208'],
    );
  });
});

test('a Secret without one of the keys, and one that is not there', () => {
  const secret = (data: JsonObject): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'aws' },
    data,
  });
  const look = (found: KubeObject | 'absent') => (kind: string) => (kind === 'Secret' ? found : undefined);
  const found = (is: KubeObject | 'absent') => judgeNeeds({ cronJob: installed() }, look(is));
  const whole = { AWS_ACCESS_KEY_ID: 'QQ==', AWS_SECRET_ACCESS_KEY: 'QQ==' };
  assert.deepEqual(found(secret(whole)), [], 'the session token is optional');
  const [lacking] = found(secret({ AWS_ACCESS_KEY_ID: 'QQ==' }));
  assert.equal(lacking?.code, 'MB232');
  assert.match(lacking?.summary ?? '', /"AWS_SECRET_ACCESS_KEY" of secret\/aws/);
  assert.equal(found('absent')[0]?.code, 'MB231');
});

test('the service account of a schedule is made again with its labels, and nobody else’s is', () => {
  const look = (kind: string) => (kind === 'ServiceAccount' ? ('absent' as const) : undefined);
  const [gone] = judgeNeeds({ cronJob: installed() }, look);
  assert.equal(gone?.code, 'MB224');
  const [step] = gone!.repair!.steps;
  assert.ok(step?.action === 'create');
  assert.deepEqual(fieldAt(step.object, ['metadata', 'labels']), scheduleLabels('memcached-backup'));
  const [other] = judgeNeeds({ cronJob: installed([[...POD, 'serviceAccountName'], 'irsa']) }, look);
  assert.equal(other?.code, 'MB224');
  assert.equal(other?.repair, undefined);
});

test('what a ClusterRole of a schedule lacks is added to it, and to none of somebody else’s', () => {
  const role = (labels: JsonObject): KubeObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'memcached-backup:ops', labels },
    rules: [],
  });
  const missing = [{ namespace: undefined, group: '', resource: 'secrets', verb: 'list' }];
  const repair = addClusterRules(missing, role(scheduleLabels('memcached-backup')));
  assert.deepEqual(repair?.steps, [
    {
      action: 'patch',
      ref: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'memcached-backup:ops' },
      operations: [
        { op: 'add', path: '/rules/-', value: { apiGroups: [''], resources: ['secrets'], verbs: ['list'] } },
      ],
    },
  ]);
  assert.equal(addClusterRules(missing, role({})), undefined);
  assert.equal(addClusterRules(missing, undefined), undefined);
  assert.equal(
    addClusterRules([{ ...missing[0]!, namespace: 'shop' }], role(scheduleLabels('x'))),
    undefined,
  );
});

describe('a run that failed', () => {
  const end = { type: 'Failed', at: '2026-11-29T02:00:10Z', reason: 'DeadlineExceeded' } as const;

  const stopped = async (...changes: [string[], Json | undefined][]): Promise<Finding> => {
    const reader = { list: async () => [], log: async () => undefined };
    const backup = { cronJob: installed(...changes), maker: 'tool' as const, jobs: [aJob({ end })] };
    const [finding, ...others] = await judgeRuns(reader, backup, { events: [], now: NOW });
    assert.deepEqual([finding?.code, others], ['MB221', []]);
    return finding!;
  };

  test('at a time limit that is too short is given more, and run again', async () => {
    const { repair } = await stopped([LIMIT, 20]);
    assert.deepEqual(
      repair?.steps.map(({ action }) => action),
      ['patch', 'delete', 'create'],
    );
    const again = repair!.steps[2];
    assert.ok(again?.action === 'create');
    assert.equal(fieldAt(again.object, ['spec', 'activeDeadlineSeconds']), 1800);
  });

  test('is given no more than there is before the next run', async () => {
    const often: [string[], Json] = [['spec', 'schedule'], '*/15 * * * *'];
    const again = (await stopped(often, [LIMIT, 20])).repair!.steps[2];
    assert.ok(again?.action === 'create');
    assert.equal(fieldAt(again.object, ['spec', 'activeDeadlineSeconds']), 890);
    assert.equal((await stopped(often, [LIMIT, 890])).repair, undefined);
  });

  test('at the usual limit is only told, and so is one of somebody else', async () => {
    assert.equal((await stopped()).repair, undefined);
    assert.equal((await stopped([LIMIT, 20], [['metadata', 'labels'], {}])).repair, undefined);
  });

  test('for an image that can’t be pulled goes back to that of the last success', async () => {
    const cronJob = installed([[...POD, 'containers', '0', 'image'], 'memcached-backup:typo']);
    const good = (image: string): KubeObject =>
      aJob({
        name: 'good',
        started: '2026-11-28T02:00:00Z',
        end: { type: 'Complete', at: '2026-11-28T02:00:05Z' },
        spec: { template: { spec: { containers: [{ name: 'backup', image }] } } },
      });
    const pod = aPod(inState({ waiting: { reason: 'ImagePullBackOff', message: 'no' } }));
    const reader = { list: async () => [pod], log: async () => undefined };
    const run = async (jobs: KubeObject[]) =>
      judgeRuns(reader, { cronJob, maker: 'tool', jobs }, { events: [], now: NOW });
    const [finding] = await run([aJob(), good('memcached-backup:1')]);
    assert.equal(finding?.code, 'MB230');
    const again = finding!.repair!.steps[2];
    assert.ok(again?.action === 'create');
    assert.equal(
      fieldAt(again.object, ['spec', 'template', 'spec', 'containers', '0', 'image']),
      'memcached-backup:1',
    );
    assert.equal((await run([aJob()]))[0]?.repair, undefined, 'nobody knows of a good one');
    assert.equal(
      (await run([aJob(), good('memcached-backup:typo')]))[0]?.repair,
      undefined,
      'it is the good one',
    );
  });
});

describe('what a run says of its own end', () => {
  const location = 's3://backups/team';
  const request = {
    action: 's3:PutObject',
    bucket: 'backups',
    key: 'team/x',
    endpoint: undefined,
    profile: undefined,
  };
  const claim = { location: 'pvc://cache/backups', flags: [], namespace: NAMESPACE, claim: 'backups' };
  const errno = (code: string) => Object.assign(new Error(code), { code });
  const s3 = (name: string) =>
    s3WriteError(new S3Failure(Object.assign(new Error(name), { name }), request as never), {
      location,
      flags: [],
    });
  const git = 'the store git+ssh://git.example/b.git does not exist';
  const incomplete = 'cart@20261129T020000Z is not complete: configmaps could not be listed';
  const pruned = 'the store /backup has 3 backups that were not pruned: the disk is full';

  const cases: [name: string, error: unknown, code: string][] = [
    ['a bucket that denies', s3('AccessDenied'), 'MB245'],
    ['a bucket that is not there', s3('NoSuchBucket'), 'MB245'],
    ['keys that S3 does not know', s3('InvalidAccessKeyId'), 'MB245'],
    ['a bucket that is full', s3('QuotaExceeded'), 'MB244'],
    ['a folder that is full', writeError(errno('ENOSPC'), '/backup'), 'MB244'],
    ['a folder of another user', writeError(errno('EACCES'), '/backup'), 'MB245'],
    ['a claim that is full', pvcWriteError(errno('ENOSPC'), claim), 'MB244'],
    ['a claim whose quota is used up', pvcWriteError(errno('EDQUOT'), claim), 'MB244'],
    ['a claim of another group', pvcWriteError(errno('EACCES'), claim), 'MB245'],
    ['a store that is not there', new MissingStore(git), 'MB245'],
    ['something left out', new ToolError(incomplete, {}, ExitCode.incomplete), 'MB246'],
    ['something else', new ToolError('release "cart" not found in namespace "cache"'), 'MB242'],
    ['something else that names a store', new ToolError(pruned), 'MB242'],
  ];
  for (const [name, error, code] of cases) {
    test(`${name}: ${code}`, () => {
      const { message, exitCode } = error as ToolError;
      const store = storeFaultOf(error);
      const end = { exitCode, cause: message, ...(store === undefined ? {} : { store }) };
      const ended = {
        reason: 'Error',
        message: `${lastLine(end, 'saved nothing', (text) => text)}\n`,
        exitCode,
        at: '',
        again: false,
      };
      const state = { name: 'backup', image: '', container: {}, ended };
      const run = { cronJob: installed(), job: aJob(), pod: aPod({}) };
      const [finding, ...others] = judgePodEnd(run, [{ state, log: '' }]);
      assert.deepEqual([finding?.code, others], [code, []]);
      if (code !== 'MB242')
        assert.ok(finding!.evidence[0]!.text.includes(message), finding!.evidence[0]!.text);
      // The same where only the log is left.
      const byLog = judgePodEnd(run, [
        { state: { ...state, ended: { ...ended, message: '' } }, log: `error: ${message}\nnext: x\n` },
      ]);
      if (code !== 'MB246' && message !== pruned) assert.equal(byLog[0]?.code, code);
    });
  }

  test('a script that says the same is a script', () => {
    const ended = { reason: 'Error', message: '', exitCode: 1, at: '', again: false };
    const cronJob = installed(
      [['metadata', 'labels'], {}],
      [[...POD, 'containers', '0', 'image'], 'alpine'],
      [[...POD, 'containers', '0', 'args'], ['x']],
    );
    const [finding] = judgePodEnd({ cronJob, job: aJob(), pod: aPod({}) }, [
      {
        state: { name: 'backup', image: '', container: {}, ended },
        log: "can't write to the store /x: the disk is full",
      },
    ]);
    assert.equal(finding?.code, 'MB242');
  });
});
