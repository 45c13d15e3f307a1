import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inWords, scriptPrograms } from '../../../../src/doctor/schedule/script-programs.ts';

test('a script’s programs are named at once, each once, and no function, builtin or BusyBox applet among them', () => {
  const cases: [script: string, programs: string[]][] = [
    [
      '/bin/sh -c set -e\nkubectl get cm m -o yaml > /b/m\nhelm get values m > /b/v',
      ['sh', 'kubectl', 'helm'],
    ],
    ['sh -ec kubectl get cm m > /tmp/c.yaml; helm get values m > /tmp/v.yaml', ['sh', 'kubectl', 'helm']],
    ['/bin/bash -c if ! kubectl get cm; then exit 1; fi\naws s3 sync /b s3://b', ['bash', 'kubectl', 'aws']],
    ['sh -c kubectl() { echo x; }\nkubectl get cm\ntar czf /b.tgz /b\nmkdir -p /b', ['sh']],
    [
      'sh -c DATE=$(date +%F) /usr/local/bin/kubectl get cm | gzip > /b/$DATE; kubectl get svc',
      ['sh', 'kubectl'],
    ],
    ['sh -c # helm get\nkubectl get cm', ['sh', 'kubectl']],
    ['kubectl get cm m', ['kubectl']],
    ['/scripts/backup.sh', []],
    ['', []],
  ];
  for (const [script, programs] of cases) assert.deepEqual(scriptPrograms(script), programs, script);
  assert.deepEqual(['', 'a', 'a and b', 'a, b and c'], [[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(inWords));
});
