import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hideSecretsInLines } from '../../../../src/model/secrets/hide-secrets-in-lines.ts';

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

  test('variables of a container in YAML, and directives', () => {
    assert.equal(
      hideSecretsInLines(
        'env:\n- name: DB_PASSWORD\n  value: x y\n- name: DB_USER\n  value: anna\nrequirepass x\n',
      ),
      'env:\n- name: DB_PASSWORD\n  value: ***\n- name: DB_USER\n  value: anna\nrequirepass ***\n',
    );
  });

  test('a megabyte in one line takes no time', () => {
    for (const line of [
      'x'.repeat(1e6),
      '-'.repeat(1e6),
      'a.-'.repeat(3e5),
      '\\'.repeat(1e5),
      '"'.repeat(1e5),
      '<a>'.repeat(1e5),
      ' '.repeat(1e6),
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
