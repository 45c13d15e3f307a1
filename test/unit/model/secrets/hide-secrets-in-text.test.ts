import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hideSecretsInText } from '../../../../src/model/secrets/hide-secrets-in-text.ts';

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
    [
      '{"name":"X_PASSWORD","value":"a\\"b"},{"name":"U","value":"u"}',
      '{"name":"X_PASSWORD","value":***},{"name":"U","value":"u"}',
    ],
    ['<property name="db.password" value="x"/>', '<property name="db.password" value=***/>'],
    ['<user>u</user><password>x</password>', '<user>u</user><password>***</password>'],
    ["CREATE USER app WITH PASSWORD 'x y';", 'CREATE USER app WITH PASSWORD ***;'],
    ['CREATE USER app IDENTIFIED BY "x"', 'CREATE USER app IDENTIFIED BY ***'],
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
