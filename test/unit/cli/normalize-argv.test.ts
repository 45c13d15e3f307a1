import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Flag } from '../../../src/cli/flag.ts';
import { normalizeArgv } from '../../../src/cli/normalize-argv.ts';
import { UsageError } from '../../../src/errors/tool-error.ts';

const FLAGS: Flag[] = [
  { name: 'namespace', short: 'n', type: 'string', describe: '' },
  { name: 'output', short: 'o', type: 'string', describe: '' },
  { name: 'selector', short: 'l', type: 'string', describe: '' },
  { name: 'filename', short: 'f', type: 'string', describe: '' },
  { name: 'server', short: 's', type: 'string', describe: '' },
  { name: 'all-namespaces', short: 'A', type: 'boolean', describe: '' },
  { name: 'wait', short: 'w', type: 'boolean', describe: '' },
  { name: 'no-headers', type: 'boolean', describe: '' },
  { name: 'as-group', type: 'list', describe: '' },
  { name: 'dry-run', type: 'string', bare: 'client', describe: '' },
  { name: 'context', type: 'string', describe: '' },
  { name: 'kube-context', means: 'context', type: 'string', describe: '', hidden: true },
];

describe('what kubectl users write becomes --name=value', () => {
  const cases: [string, string][] = [
    ['-ojson', '--output=json'],
    ['-o json', '--output=json'],
    ['-o=json', '--output=json'],
    ['--output json', '--output=json'],
    ['--output=json', '--output=json'],
    [
      '-nfoo -lapp=x -shttps://h:1 -fa.yaml',
      '--namespace=foo --selector=app=x --server=https://h:1 --filename=a.yaml',
    ],
    ['-A', '--all-namespaces=true'],
    ['-Aojson', '--all-namespaces=true --output=json'],
    ['-Aw', '--all-namespaces=true --wait=true'],
    ['-A=false', '--all-namespaces=false'],
    ['--wait=false', '--wait=false'],
    ['--wait true', '--wait=true true'],
    ['--no-headers', '--no-headers=true'],
    ['--as-group a --as-group=b', '--as-group=a --as-group=b'],
    ['--dry-run x', '--dry-run=client x'],
    ['--dry-run=server x', '--dry-run=server x'],
    ['--kube-context a', '--context=a'],
    ['list -n foo my-memcached', 'list --namespace=foo my-memcached'],
    ['--context -n list', '--context=-n list'],
    ['a -- -n --nope', 'a -- -n --nope'],
    ['-', '-'],
  ];
  for (const [written, expected] of cases) {
    test(written, () => assert.deepEqual(normalizeArgv(written.split(' '), FLAGS), expected.split(' ')));
  }

  test('a value may be empty or hold spaces and "="', () => {
    assert.deepEqual(normalizeArgv(['--context', '', '--context=', '-o', 'a b=c'], FLAGS), [
      '--context=',
      '--context=',
      '--output=a b=c',
    ]);
  });
});

describe('what is not a flag is refused with a hint', () => {
  const cases: [string, RegExp][] = [
    ['--namspace x', /unknown flag: --namspace \(did you mean --namespace\?\)/],
    ['--kube-contex x', /unknown flag: --kube-contex$/],
    ['--xyzzy', /unknown flag: --xyzzy$/],
    ['--__proto__=x', /unknown flag: --__proto__/],
    ['-x', /unknown shorthand flag: "x" in -x/],
    ['-Ax', /unknown shorthand flag: "x" in -Ax/],
    ['a --context', /flag needs an argument: --context/],
    ['a -n', /flag needs an argument: -n/],
    ['a -An', /flag needs an argument: -n/],
  ];
  for (const [written, message] of cases) {
    test(written, () => {
      assert.throws(
        () => normalizeArgv(written.split(' '), FLAGS),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }
});
