import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PLAIN_SPELLING, type Spelling } from '../../../src/advice/spell.ts';
import { type FindingText, finding } from '../../../src/doctor/catalogue.ts';
import { fixFindings } from '../../../src/doctor/doctor-fix.ts';
import type { SecondLook } from '../../../src/doctor/look-again.ts';
import { CutShortError } from '../../../src/errors/cut-short.ts';
import { InterruptedError, ToolError, UnreachableError } from '../../../src/errors/tool-error.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { Finding, Repair } from '../../../src/model/findings/finding.ts';
import { type KubeObject, type ObjectRef, refOf } from '../../../src/model/kubernetes/object.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { LastWords } from '../../../src/session/last-words.ts';

const ref = (apiVersion: string, kind: string, name: string): ObjectRef => ({
  apiVersion,
  kind,
  namespace: 'cache',
  name,
});
const JOB: KubeObject = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'run', namespace: 'cache' },
  spec: {},
};
const POD = ref('v1', 'Pod', 'run-1');
const CRON_JOB = ref('batch/v1', 'CronJob', 'backup');
const ROLE = ref('rbac.authorization.k8s.io/v1', 'Role', 'backup');

const IN_PROD: Spelling = {
  ...PLAIN_SPELLING,
  flags: { ...PLAIN_SPELLING.flags, kubectl: ['--context', 'prod'] },
};

const RUN_AGAIN: Repair = { what: 'run it again', steps: [{ action: 'create', object: JOB }] };
const EVICTED: FindingText = { summary: 'evicted', object: POD, about: [refOf(JOB), CRON_JOB] };
const evicted = (): Finding => finding('MB241', { ...EVICTED, repair: RUN_AGAIN });

const FAILED_JOB: KubeObject = { ...JOB, metadata: { ...(JOB.metadata as KubeObject), uid: 'failed' } };
const ANEW: KubeObject = {
  ...JOB,
  metadata: {
    ...(JOB.metadata as KubeObject),
    ownerReferences: [
      { apiVersion: 'batch/v1', kind: 'CronJob', name: 'backup', uid: 'u', controller: true },
    ],
  },
};
const REMAKE: Repair = {
  what: 'delete it and run it again',
  steps: [
    { action: 'delete', ref: refOf(JOB), uid: 'failed' },
    { action: 'create', object: ANEW },
  ],
};
const failedJob = (): Finding => finding('MB241', { ...EVICTED, repair: REMAKE });

const ADD: Repair = {
  what: 'add a rule',
  steps: [{ action: 'patch', ref: ROLE, operations: [{ op: 'add', path: '/rules/-', value: 'a rule' }] }],
};
const LACKING: FindingText = { summary: 'may not', object: ref('v1', 'ServiceAccount', 'backup') };
const lacking = (): Finding => finding('MB120', { ...LACKING, repair: ADD });

const CLEAN: SecondLook = { findings: [], readsLess: false };

/** A cluster that takes every write; `jobIs` says what becomes of the Job, from one request to the next. */
async function fixed(
  findings: Finding[],
  looks: (SecondLook | undefined)[],
  {
    jobIs = [],
    timeoutMs = 0,
    refuses = false,
    interruptAt,
    job = {},
  }: {
    jobIs?: readonly string[];
    timeoutMs?: number;
    refuses?: boolean;
    interruptAt?: 'patch' | 'look' | 'delete';
    /** What becomes of the deleted Job, and of making it again. */
    job?: { stays?: true; creates?: ToolError[]; looks?: ToolError[] };
  } = {},
) {
  const interruption = new AbortController();
  const done: string[] = [];
  let asked = 0;
  let isDeleted = false;
  let sent = 0;
  const kube: Partial<KubeClient> = {
    delete: async ({ name }, { dryRun }) => {
      if (dryRun === true) return true;
      done.push(`delete ${name}`);
      isDeleted = true;
      if (interruptAt === 'delete') interruption.abort(new InterruptedError());
      return true;
    },
    create: async (object, { dryRun }) => {
      if (dryRun !== true) sent++;
      const failure = dryRun === true ? undefined : job.creates?.shift();
      if (failure !== undefined) throw failure;
      if (dryRun !== true) isDeleted = false;
      if (dryRun !== true) done.push(`create ${refOf(object).name}`);
      return object;
    },
    patch: async ({ name }, _, { dryRun }) => {
      if (refuses) throw new ToolError('the object has been modified');
      if (dryRun !== true) done.push(`patch ${name}`);
      if (dryRun !== true && interruptAt === 'patch') interruption.abort(new InterruptedError());
      return {};
    },
    get: async () => {
      if (isDeleted && sent > 0 && job.looks !== undefined) {
        const failure = job.looks.shift();
        if (failure !== undefined) throw failure;
      }
      if (isDeleted) return job.stays ? FAILED_JOB : undefined;
      const type = jobIs[Math.min(asked++, jobIs.length - 1)] ?? '';
      return type === 'running' ? JOB : { ...JOB, status: { conditions: [{ type, status: 'True' }] } };
    },
  };
  const io = createMemoryIO();
  const context = {
    io,
    kube: async () => kube,
    signal: interruption.signal,
    spelling: IN_PROD,
    lastWords: new LastWords(),
  } as unknown;
  let looked = 0;
  const fixes = await fixFindings(
    findings,
    { yes: true, timeoutMs },
    async () => {
      done.push(`look after ${asked} requests`);
      if (interruptAt === 'look') {
        interruption.abort(new InterruptedError());
        await new Promise(() => {}); // as a server that has stalled
      }
      return looks[Math.min(looked++, looks.length - 1)];
    },
    context as CommandContext,
  );
  return { outcomes: fixes.map(({ code, outcome }) => `${code} ${outcome}`), done, said: io.stderr };
}

describe('what --fix says of what it did', () => {
  test('a Job that was made again is waited for before anybody looks', async () => {
    const told = { jobIs: ['running', 'Complete'], timeoutMs: 5000 };
    const { outcomes, done } = await fixed([evicted()], [CLEAN], told);
    assert.deepEqual(outcomes, ['MB241 fixed']);
    assert.deepEqual(done, ['create run', 'look after 2 requests']);
  });

  test('a Job that runs on proves nothing', async () => {
    const { outcomes, said } = await fixed([evicted()], [CLEAN], { jobIs: ['running'] });
    assert.deepEqual(outcomes, ['MB241 unknown']);
    assert.match(said, /done, and whether it helped is not known: job\.batch\/run is still running/);
  });

  test('one that fails as before is no success because its pod has another name', async () => {
    const again = finding('MB241', { ...EVICTED, object: { ...POD, name: 'run-2' } });
    const look = { findings: [again], readsLess: false };
    const { outcomes } = await fixed([evicted()], [look], { jobIs: ['Failed'], timeoutMs: 60_000 });
    assert.deepEqual(outcomes, ['MB241 remains']);
  });

  test('what is hidden behind another cause is still there', async () => {
    const cause = finding('MB190', { summary: 'you may not' });
    const { code, object, summary } = lacking();
    const hidden = { ...cause, consequences: [{ code, summary, ...(object && { object }) }] };
    const { outcomes } = await fixed([lacking()], [{ findings: [hidden], readsLess: false }]);
    assert.deepEqual(outcomes, ['MB120 remains']);
  });

  test('who sees less than before can not tell', async () => {
    const readsLess = { findings: [], readsLess: true };
    assert.deepEqual((await fixed([lacking()], [readsLess])).outcomes, ['MB120 unknown']);
    assert.deepEqual((await fixed([lacking()], [undefined])).outcomes, ['MB120 unknown']);
    const { outcomes } = await fixed([lacking()], [readsLess, CLEAN], { timeoutMs: 5000 });
    assert.deepEqual(outcomes, ['MB120 fixed'], 'it looks once more');
  });

  test('findings with one repair are mended by one', async () => {
    const other = finding('MB120', { ...LACKING, object: ref('v1', 'ServiceAccount', 'other'), repair: ADD });
    const { outcomes, done } = await fixed([lacking(), other], [CLEAN]);
    assert.deepEqual(outcomes, ['MB120 fixed', 'MB120 fixed']);
    assert.deepEqual(done, ['patch backup', 'look after 0 requests']);
  });

  test('what somebody else has fixed meanwhile is fixed, and not by us', async () => {
    const { outcomes, said } = await fixed([lacking()], [CLEAN], { refuses: true });
    assert.deepEqual(outcomes, ['MB120 fixed-elsewhere']);
    assert.match(said, /somebody else has fixed it meanwhile/);
    assert.doesNotMatch(said, /not fixed/);
  });

  test('what could not be done and is still found has failed, and says why', async () => {
    for (const look of [
      { findings: [lacking()], readsLess: false },
      { ...CLEAN, readsLess: true },
      undefined,
    ]) {
      const { outcomes, said } = await fixed([lacking()], [look], { refuses: true, timeoutMs: 60_000 });
      assert.deepEqual(outcomes, ['MB120 failed']);
      assert.match(said, /MB120 .*not fixed: add a rule: the object has been modified/);
    }
  });

  test('an interruption is told as one, with what was done and what was not begun', async () => {
    for (const interruptAt of ['patch', 'look'] as const) {
      await assert.rejects(
        fixed(interruptAt === 'patch' ? [lacking(), evicted()] : [lacking()], [CLEAN], {
          interruptAt,
          timeoutMs: 60_000,
        }),
        (error: InterruptedError) => {
          assert.equal(error.exitCode, 130);
          const done = 'done, and not looked at again: add a rule';
          assert.equal(error.untouched, interruptAt === 'patch' ? `${done}; not begun: run it again` : done);
          return true;
        },
      );
    }
  });

  const forbidden = () => new ToolError('jobs.batch is forbidden');
  const HALF = 'job.batch/run was deleted and is not made again';
  const BY_HAND = 'kubectl --context prod create job run --from=cronjob/backup -n cache';

  test('a Job that is deleted is made again, also after an interruption in between, and a server that stumbled', async () => {
    const creates = [new UnreachableError('the connection broke')];
    await assert.rejects(
      fixed([failedJob(), lacking()], [CLEAN], { interruptAt: 'delete', job: { creates } }),
      { untouched: 'done, and not looked at again: delete it and run it again; not begun: add a rule' },
    );
    assert.deepEqual(creates, [], 'it was sent again');
  });

  test('as a restore does it: a server that is too busy is asked again, and so is one that fails at the look', async () => {
    const busy = ApiError.fromReply(429, '', { verb: 'create', group: 'batch', resource: 'jobs' });
    const creates = [busy, new UnreachableError('the connection broke')];
    const { outcomes, done } = await fixed([failedJob()], [CLEAN], {
      jobIs: ['Complete'],
      job: { creates, looks: [busy] },
    });
    assert.deepEqual([outcomes, creates], [['MB241 fixed'], []]);
    assert.deepEqual(done.slice(0, 2), ['delete run', 'create run']);
  });

  test('one that does not go after an interruption is said to be half done, in time', async () => {
    const started = performance.now();
    await assert.rejects(fixed([failedJob()], [CLEAN], { interruptAt: 'delete', job: { stays: true } }), {
      untouched: `stopped on its way: ${HALF}`,
    });
    assert.ok(performance.now() - started < 2_000);
  });

  test('one that may not be made again has failed, and is fixed by nobody else for being gone', async () => {
    const { outcomes, said } = await fixed([failedJob()], [CLEAN], { job: { creates: [forbidden()] } });
    assert.deepEqual(outcomes, ['MB241 failed']);
    assert.match(said, new RegExp(`not fixed: .*: jobs\\.batch is forbidden; ${HALF}; to do so: ${BY_HAND}`));
  });

  test('one whose making got no answer is not known, and a write cut short is no "nothing was changed"', async () => {
    const cut = () => new CutShortError('interrupted while the API server had not answered');
    await assert.rejects(
      fixed([failedJob()], [CLEAN], { interruptAt: 'delete', job: { creates: [cut()] } }),
      {
        untouched:
          'stopped on its way: job.batch/run was deleted, whether job.batch/run was created is not known, because no answer came',
      },
    );
  });
});
