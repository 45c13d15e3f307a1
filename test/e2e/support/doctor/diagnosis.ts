import assert from 'node:assert/strict';
import { assertOfItsKind } from '../../../support/documented-output.ts';
import { expectCode } from '../process.ts';
import type { Fixture } from '../release.ts';

/** `doctor -o json`, as docs/output.md describes it: the parts that tests look at. */
export interface Diagnosis {
  reachable: boolean;
  durationMs: number;
  findings: {
    code: string;
    area: string;
    severity: 'fail' | 'warn' | 'unknown' | 'note' | 'ok';
    object?: { kind: string; name: string };
    summary: string;
    evidence: { text: string; at?: string }[];
    since?: string;
    look: string[];
    fix: string[];
    waysBack?: { advice: string; why: string; settings?: string; cachesEmptied?: number }[];
    consequences: { code: string }[];
  }[];
}

/** Runs `doctor` with these words and reads what it found. @throws where its exit code does not fit. */
export async function diagnose(fixture: Pick<Fixture, 'cli'>, ...words: string[]): Promise<Diagnosis> {
  const report = await fixture.cli.run('doctor', ...words, '-o', 'json');
  const diagnosis = assertOfItsKind(JSON.parse(report.stdout) as Diagnosis);
  // An area that fell over must not pass for one that found nothing.
  assert.doesNotMatch(report.stdout, /a fault of doctor itself/);
  const fails = diagnosis.findings.some(({ severity }) => severity === 'fail');
  expectCode(report, diagnosis.reachable ? (fails ? 3 : 0) : 4);
  return diagnosis;
}

/** The codes of failures and warnings, each once and sorted, with those of their consequences in brackets. */
export function codesOf({ findings }: Diagnosis): string[] {
  return [
    ...new Set(
      findings
        .filter(({ severity }) => severity === 'fail' || severity === 'warn')
        .map(({ code, consequences }) => {
          const behind = [...new Set(consequences.map((each) => each.code))].sort();
          return behind.length === 0 ? code : `${code} (${behind.join(', ')})`;
        }),
    ),
  ].sort();
}
