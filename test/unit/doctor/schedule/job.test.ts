import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeCreation } from '../../../../src/doctor/schedule/job-creation.ts';
import { judgeJobFailure } from '../../../../src/doctor/schedule/job-failure.ts';
import { allSpelled } from '../../spelled.ts';
import { aCronJob, aJob, anEvent, aPod } from './objects.ts';

const RUN = { cronJob: aCronJob(), job: aJob() };

describe('why a Job has no pod', () => {
  const REFUSALS: [string, string][] = [
    [
      'pods "run-" is forbidden: exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3',
      'MB222',
    ],
    ['pods "run-" is forbidden: failed quota: q: must specify limits.cpu for: backup', 'MB222'],
    ['pods "run-" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation', 'MB223'],
    [
      'pods "run-" is forbidden: error looking up service account cache/b: serviceaccount "b" not found',
      'MB224',
    ],
    ['admission webhook "policy.example" denied the request: no', 'MB225'],
  ];
  for (const [message, code] of REFUSALS) {
    test(`${code}: ${message}`, () => {
      const [finding, ...more] = judgeCreation(RUN, [anEvent('FailedCreate', `Error creating: ${message}`)]);
      assert.equal(finding?.code, code);
      assert.deepEqual(more, []);
      assert.ok(finding?.evidence[0]?.text.includes(message));
      assert.ok(finding?.about.includes('batch/CronJob/cache/memcached-backup'));
    });
  }

  test('only the newest refusal counts, and nothing else that is reported', () => {
    assert.deepEqual(judgeCreation(RUN, [anEvent('SuccessfulCreate', 'Created pod: run-x')]), []);
    const events = [
      anEvent('FailedCreate', 'violates PodSecurity'),
      anEvent('FailedCreate', 'exceeded quota'),
    ];
    assert.deepEqual(
      judgeCreation(RUN, events).map(({ code }) => code),
      ['MB223'],
    );
  });
});

test('a quota is met by requests where it is one of them, and by no command where it counts pods', () => {
  const fixes = (message: string) =>
    allSpelled(judgeCreation(RUN, [anEvent('FailedCreate', message)])[0]?.advice).map(
      (each) => each.split(' -n ')[0],
    );
  const [quota, resources] = [
    'kubectl describe resourcequota',
    'kubectl set resources cronjob/memcached-backup',
  ];
  const run = 'kubectl create job --from=cronjob/memcached-backup $(date +memcached-backup-now-%s)';
  const exceeded = 'pods "x" is forbidden: exceeded quota: q, requested';
  assert.deepEqual(
    fixes(`${exceeded}: requests.memory=1Gi, used: requests.memory=0, limited: requests.memory=1Mi`),
    [quota, resources, run],
  );
  assert.deepEqual(fixes('failed quota: q: must specify limits.cpu for: backup'), [quota, resources, run]);
  assert.deepEqual(fixes(`${exceeded}: pods=1, used: pods=0, limited: pods=0`), [
    quota,
    'raise the quota, then run it again',
  ]);
});

describe('how a Job failed', () => {
  const failed = (reason: string, spec = {}) =>
    aJob({ end: { type: 'Failed', at: '2026-11-26T02:01:00Z', reason, message: 'm' }, spec });

  test('its deadline is named, and quadrupled', () => {
    const job = failed('DeadlineExceeded', { activeDeadlineSeconds: 300 });
    const [finding] = judgeJobFailure({ ...RUN, job }, { pod: null });
    assert.equal(finding?.code, 'MB221');
    assert.match(allSpelled(finding?.advice)[0] ?? '', /"activeDeadlineSeconds":1200/);
  });

  test('too many tries: with its pod gone, keep the next one', () => {
    const [finding] = judgeJobFailure({ ...RUN, job: failed('BackoffLimitExceeded') }, { pod: null });
    assert.equal(finding?.code, 'MB220');
    assert.match(finding?.summary ?? '', /gone with its log/);
    assert.match(allSpelled(finding?.advice)[0] ?? '', /"restartPolicy":"Never"/);
    assert.deepEqual(finding?.evidence, [{ text: 'BackoffLimitExceeded: m', at: '2026-11-26T02:01:00Z' }]);
  });

  test('with its pod there, or pods that nobody may list, nothing is said to be gone', () => {
    for (const known of [{ pod: aPod({}) }, {}]) {
      const [finding] = judgeJobFailure({ ...RUN, job: failed('BackoffLimitExceeded') }, known);
      assert.match(finding?.summary ?? '', /failed after 1 tries/);
      assert.match(allSpelled(finding?.advice)[0] ?? '', /kubectl logs job\/run -n cache/);
    }
  });

  test('one that runs or is Complete has not failed', () => {
    assert.deepEqual(judgeJobFailure(RUN, {}), []);
    const complete = aJob({ end: { type: 'Complete', at: '2026-11-26T02:01:00Z' } });
    assert.deepEqual(judgeJobFailure({ ...RUN, job: complete }, {}), []);
  });
});
