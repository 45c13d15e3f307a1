import assert, { AssertionError } from 'node:assert/strict';
import { test } from 'node:test';
import { commandLine } from '../../e2e/support/doctor/command-line.ts';
import { assertLeads } from '../../e2e/support/doctor/pasted-advice.ts';

test('a command line is taken apart into what its programs get, and put together again', () => {
  const cases: [line: string, commands: string[][]][] = [
    ['kubectl get pods -n c', [['kubectl', 'get', 'pods', '-n', 'c']]],
    [
      `echo '{"a":"b'\\''c | d"}' | kubectl apply -f -`,
      [
        ['echo', `{"a":"b'c | d"}`],
        ['kubectl', 'apply', '-f', '-'],
      ],
    ],
    ['kubectl create job x-$(date +%s) && true', [['kubectl', 'create', 'job', 'x-$(date +%s)'], ['true']]],
    [
      `kubectl set image cronjob/x '<b=image with a, b>'`,
      [['kubectl', 'set', 'image', 'cronjob/x', '<b=image with a, b>']],
    ],
  ];
  for (const [line, commands] of cases) {
    const taken = commandLine(line);
    assert.deepEqual(taken.commands, commands);
    assert.deepEqual(commandLine(taken.rewritten((words) => words)).commands, commands);
  }
});

test('a command that drops a flag of the connection is found, wherever it stands', () => {
  const given = { kubeconfig: '/k', context: 'prod' };
  const leads = (line: string): void => assertLeads(line, given, 'MB999');
  const flags = '--context prod --kubeconfig /k';
  for (const line of [
    `kubectl ${flags} get pods`,
    `kubectl memcached-backup ${flags} list | kubectl ${flags} apply -f -`,
    `helm --kube-context prod --kubeconfig /k list`,
    `as the log says: kubectl ${flags} logs x`,
    'an image with sh, kubectl and helm',
    'chmod 0700 /store',
  ])
    assert.doesNotThrow(() => leads(line), line);
  for (const line of [
    'kubectl get pods',
    'kubectl --context prod get pods',
    'kubectl --context stage --kubeconfig /k get pods',
    `kubectl ${flags} get pods | kubectl apply -f -`,
    `kubectl memcached-backup list -n c`,
    `helm ${flags} list`,
    'take a backup (kubectl memcached-backup backup) first',
    'kubectl get pods shows it',
  ])
    assert.throws(() => leads(line), AssertionError, line);
});
