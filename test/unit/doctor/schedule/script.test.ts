import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeScript } from '../../../../src/doctor/schedule/script-failure.ts';
import { readScriptLog } from '../../../../src/doctor/schedule/script-log.ts';
import { judgeScriptSafety, unheededCommand } from '../../../../src/doctor/schedule/script-safety.ts';
import { allSpelled } from '../../spelled.ts';
import { aCronJob, aJob, aPod } from './objects.ts';

const FORBIDDEN =
  'Error from server (Forbidden): configmaps "m" is forbidden: User "system:serviceaccount:cache:b" cannot get resource "configmaps" in API group "" in the namespace "cache"';
const HELM_FORBIDDEN =
  'Error: query: failed to query with labels: secrets is forbidden: User "system:serviceaccount:cache:b" cannot list resource "secrets" in API group "" in the namespace "cache"';

describe('the log of a backup script', () => {
  test('what the API server refused, in kubectl’s words and in Helm’s', () => {
    const { refused, errors } = readScriptLog(`${FORBIDDEN}\n${HELM_FORBIDDEN}\n`);
    assert.deepEqual(
      refused.map(({ user, verb, resource, namespace }) => [user, verb, resource, namespace]),
      [
        ['system:serviceaccount:cache:b', 'get', 'configmaps', 'cache'],
        ['system:serviceaccount:cache:b', 'list', 'secrets', 'cache'],
      ],
    );
    assert.deepEqual(errors, []);
  });

  const NO_PROGRAM = [
    '/bin/sh: helm: not found',
    'sh: 3: helm: not found',
    '/bin/bash: line 5: helm: command not found',
    '/scripts/backup.sh: line 2: helm: not found',
  ];
  for (const line of NO_PROGRAM) {
    test(`a program that is missing: ${line}`, () => {
      assert.deepEqual(readScriptLog(line).missingPrograms, [{ program: 'helm', line }]);
    });
  }

  const ERRORS = [
    'Error from server (NotFound): configmaps "my-memcached" not found',
    'Error: release: not found',
    'error: You must be logged in to the server (Unauthorized)',
    'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
    "/bin/sh: can't create /backup/x.yaml: nonexistent directory",
    'sh: 2: cannot create /backup/x.yaml: Read-only file system',
    'find: /backup: No such file or directory',
    'upload failed: ./x to s3://b/x An error occurred (AccessDenied) when calling the PutObject operation',
    'Unable to locate credentials. You can configure credentials by running "aws configure".',
    'fatal error: Unable to locate credentials',
    'fatal: not a git repository (or any of the parent directories): .git',
    'tar: Cowardly refusing to create an empty archive',
    '-rw-r--r--    1 root     root             0 Nov 26 02:00 values.yaml',
    '0 /backup/values.yaml',
    'find: unrecognized: -delete',
    'values.yaml: file is empty',
  ];
  for (const line of ERRORS) {
    test(`an error: ${line}`, () => assert.deepEqual(readScriptLog(line).errors, [line]));
  }

  const HARMLESS = [
    'Backup completed successfully',
    'upload: ./config.yaml to s3://my-backups/memcached/config.yaml',
    '-rw-r--r--    1 root     root           420 Nov 26 02:00 config.yaml',
    '420 /backup/config.yaml',
    'no errors: 3 objects saved',
    'deleted 0 old backups',
    'kind: ConfigMap',
    '-empty\t\tMatch empty file/directory',
  ];
  for (const line of HARMLESS) {
    test(`no error: ${line}`, () => {
      assert.deepEqual(readScriptLog(line), { refused: [], missingPrograms: [], errors: [] });
    });
  }
});

describe('what became of a script', () => {
  const judged = (type: 'Complete' | 'Failed', log: string) =>
    judgeScript(
      {
        cronJob: aCronJob(),
        job: aJob({ end: { type, at: '2026-11-26T02:00:30Z' } }),
        pod: aPod({}),
        container: 'backup',
      },
      log,
    );

  test('each cause has its own fix, and a Complete Job is called what it is', () => {
    const findings = judged(
      'Complete',
      `${HELM_FORBIDDEN}\n/bin/sh: aws: not found\nError: release: not found\ndone`,
    );
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['MB250', 'MB251', 'MB252'],
    );
    for (const { summary, evidence } of findings) {
      assert.match(summary, /its Job is Complete all the same/);
      assert.equal(evidence[0]?.at, '2026-11-26T02:00:30Z');
    }
    const [refused, program] = findings;
    assert.deepEqual(allSpelled(refused?.advice).slice(0, 2), [
      'kubectl create role b-reads-secrets -n cache --verb=get,list --resource=secrets',
      'kubectl create rolebinding b-reads-secrets -n cache --role=b-reads-secrets --serviceaccount=cache:b',
    ]);
    const [image] = allSpelled(program?.advice);
    assert.equal(image, "kubectl set image cronjob/memcached-backup '<backup=image with aws>' -n cache");
  });

  test('all that its script calls is named where the first program that is missing ended it', () => {
    const script = 'set -e\nkubectl get cm m -o yaml > /b/m.yaml\nhelm get values m > /b/v.yaml';
    const cronJob = aCronJob({ container: { command: ['/bin/sh', '-c', script] } });
    const run = { cronJob, job: aJob(), pod: aPod({}), container: 'backup' };
    const [found] = judgeScript(run, '/bin/sh: kubectl: not found');
    assert.equal(found?.summary, 'its image has no kubectl');
    assert.equal(found.evidence.at(-1)?.text, 'its script calls sh, kubectl and helm');
    assert.match(allSpelled(found.advice)[0]!, /'<backup=image with sh, kubectl and helm>'/);
  });

  test('what a log says is a word of a command only where it can be a name', () => {
    const line = (namespace: string) =>
      `Error: secrets is forbidden: User "system:serviceaccount:cache:b" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`;
    assert.equal(judged('Failed', line('cache'))[0]?.advice.length, 3);
    assert.equal(judged('Failed', line('--as=admin'))[0]?.advice.length, 1);
  });

  test('a Job that failed says by itself that something is wrong: other errors are its exit code’s', () => {
    assert.deepEqual(
      judged('Failed', `${FORBIDDEN}\nError: release: not found`).map(({ code }) => code),
      ['MB250'],
    );
  });

  test('a log without errors', () =>
    assert.deepEqual(judged('Complete', 'Backup completed successfully'), []));
});

describe('a script that goes on after an error', () => {
  const SAVE = 'kubectl get cm m -o yaml > /b/m.yaml';
  const SCRIPTS: [string, string, string, boolean][] = [
    ['one command', '-c', SAVE, false],
    ['two', '-c', `${SAVE}\necho done`, true],
    ['the last one alone counts', '-c', `mkdir -p /b\n${SAVE}`, false],
    ['set -e', '-c', `set -e\n${SAVE}\necho done`, false],
    ['set -euo pipefail', '-c', `set -euo pipefail; ${SAVE}; echo done`, false],
    ['set -o errexit', '-c', `set -o errexit\n${SAVE}\necho done`, false],
    ['sh -ec', '-ec', `${SAVE}\necho done`, false],
    ['a comment that says so', '-c', `# set -e\n${SAVE}\necho done`, true],
    ['joined by &&', '-c', `${SAVE} && echo done`, false],
    ['joined over lines', '-c', `${SAVE} &&\n  helm get values m > /b/v &&\n  echo done`, false],
    ['joined, and then something else', '-c', `${SAVE} && helm get values m > /b/v\necho done`, true],
    ['|| exit 1', '-c', `${SAVE} || exit 1\necho done`, false],
    ['|| true', '-c', `${SAVE} || true\necho done`, true],
    ['if !', '-c', `if ! ${SAVE}; then exit 1; fi\necho done`, false],
    ['an upload', '-c', `set +x\naws s3 sync /b s3://b\necho done`, true],
    ['nothing that saves', '-c', 'date\necho done', false],
  ];
  for (const [what, flag, script, goesOn] of SCRIPTS) {
    test(what, () => assert.equal(unheededCommand(flag, script) !== undefined, goesOn));
  }

  test('the fix changes the very word that holds -c, be it in command or in args', () => {
    const inCommand = aCronJob({ container: { command: ['/bin/bash', '-c', `${SAVE}\ndate`] } });
    const inArgs = aCronJob({ container: { command: ['sh'], args: ['-c', `${SAVE}\ndate`] } });
    const fixOf = (cronJob: ReturnType<typeof aCronJob>) =>
      allSpelled(judgeScriptSafety({ cronJob })[0]?.advice)[0] ?? '';
    assert.match(fixOf(inCommand), /"path":"\/spec\/.*\/containers\/0\/command\/1","value":"-ec"/);
    assert.match(fixOf(inArgs), /"path":"\/spec\/.*\/containers\/0\/args\/0","value":"-ec"/);
  });

  test('what is no shell’s is left alone', () => {
    const python = aCronJob({ container: { command: ['python', '-c', `${SAVE}\ndate`] } });
    assert.deepEqual(judgeScriptSafety({ cronJob: python }), []);
  });
});
