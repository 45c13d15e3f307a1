import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hideConsequences } from '../../../src/doctor/root-causes.ts';
import type { Finding } from '../../../src/model/findings/finding.ts';

function aFinding(code: string, ...about: string[]): Finding {
  return {
    code,
    severity: 'fail',
    area: 'access',
    summary: code,
    evidence: [],
    advice: [],
    about,
    consequences: [],
  };
}

test('findings that concern different objects, or that nothing explains, stay', () => {
  const findings = [aFinding('MB190', 'a'), aFinding('MB191', 'b')];
  assert.deepEqual(hideConsequences(findings), findings);
});
