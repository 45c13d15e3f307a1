import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hideSecretsInLines, hideSecretsInText } from '../../../src/model/hide-secrets-in-text.ts';

describe('lines of a log without secrets', () => {
  const LINES: [string, string][] = [
    ['+ export AWS_SECRET_ACCESS_KEY=abc/def+1', '+ export AWS_SECRET_ACCESS_KEY=***'],
    ['password: "two words", user: app', 'password: ***, user: app'],
    ['{"token":"t0k3n","user":"u"}', '{"token":***,"user":"u"}'],
    ['mc alias set s3 --secret-key s3cr3t x', 'mc alias set s3 --secret-key *** x'],
    ['> Authorization: Bearer abcdef.ghijkl', '> Authorization: Bearer ***'],
    ['fatal: https://git:hunter2@git.example/x.git', 'fatal: https://git:***@git.example/x.git'],
    ['The key AKIAIOSFODNN7EXAMPLE is not known', 'The key *** is not known'],
    ['GET /b?X-Amz-Credential=k&X-Amz-Signature=abc', 'GET /b?X-Amz-Credential=***&X-Amz-Signature=***'],
    ['Authorization: token abc def', 'Authorization: ***'],
    ['msg="{\\"password\\":\\"a b\\",\\"user\\":\\"u\\"}"', 'msg="{\\"password\\":***,\\"user\\":\\"u\\"}"'],
    ['{"password":"a\\"b","user":"u"}', '{"password":***,"user":"u"}'],
    ['cmd="PASSWORD=abc mysql"', 'cmd="PASSWORD=*** mysql"'],
    ['MYSQL_PWD=abc mysql', 'MYSQL_PWD=*** mysql'],
    ['jwt eyJhbGciOi.eyJzdWIiOi.c2ln end', 'jwt *** end'],
  ];
  for (const [line, shown] of LINES) test(line, () => assert.equal(hideSecretsInText(line), shown));

  const HARMLESS = [
    'Error from server (Forbidden): secrets "x" is forbidden: User "system:serviceaccount:cache:backup" cannot get resource "secrets"',
    '/bin/sh: helm: not found',
    '/bin/sh: line 4: aws: command not found',
    'Error from server (NotFound): configmaps "my-memcached" not found',
    'secretName: aws-credentials',
    'MountVolume.SetUp failed for volume "aws-secret" : secret "aws-credentials" not found',
    'MountVolume.SetUp failed for volume "x" : references non-existent secret key: password',
    "couldn't find key AWS_SECRET_ACCESS_KEY in Secret cache/aws-credentials",
    'find: /backup: No such file or directory',
    'upload: ./config.yaml to s3://my-backups/memcached/config.yaml',
  ];
  for (const line of HARMLESS) test(`as it is: ${line}`, () => assert.equal(hideSecretsInText(line), line));
});

describe('texts of many lines', () => {
  test('a private key, whole or cut off', () => {
    const key = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIE', '-----END RSA PRIVATE KEY-----'];
    assert.equal(hideSecretsInLines(['a', ...key, 'b'].join('\n')), 'a\n***\nb');
    assert.equal(hideSecretsInLines(['a', ...key.slice(0, 2)].join('\n')), 'a\n***');
  });

  test("YAML's blocks, as far as they are indented", () => {
    assert.equal(
      hideSecretsInLines('db:\n  password: |\n    two\n\n    lines\n  user: |\n    anna\n  token: x\n'),
      'db:\n  password: |\n    ***\n\n    ***\n  user: |\n    anna\n  token: ***\n',
    );
  });

  test('a megabyte in one line takes no time', () => {
    for (const line of [
      'x'.repeat(1e6),
      '-'.repeat(1e6),
      'a.-'.repeat(3e5),
      '\\'.repeat(1e5),
      '"'.repeat(1e5),
    ]) {
      const start = performance.now();
      assert.equal(hideSecretsInLines(line), line);
      assert.ok(
        performance.now() - start < 1000,
        `${line.slice(0, 3)}… took ${performance.now() - start} ms`,
      );
    }
  });
});
