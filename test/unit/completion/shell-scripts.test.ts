import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { SHELLS, shellScript } from '../../../src/completion/shell-scripts.ts';

describe("the shells' scripts", () => {
  for (const shell of SHELLS) {
    test(`${shell}: says how it is loaded, asks the program under its own name, and hides its standard error`, () => {
      const script = shellScript(shell);
      assert.match(
        script.split('\n').slice(0, 8).join('\n'),
        new RegExp(`kubectl-memcached_backup completion ${shell} ?[|>)]`),
      );
      assert.match(script, /__complete [^\n]*2>(?:\/dev\/null|\$null)/);
      assert.ok(script.endsWith('\n') && !script.includes('\r'));
    });
  }

  test('bash can read its own', () => {
    execFileSync('bash', ['-n'], { input: shellScript('bash') });
  });
});
