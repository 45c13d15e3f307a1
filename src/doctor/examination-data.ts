import type { Advice } from '../advice/advice.ts';
import { effectOf } from '../advice/effect.ts';
import { type Spelling, spellAdvice } from '../advice/spell.ts';
import { type Finding, SEVERITIES } from '../model/findings/finding.ts';
import type { DoctorContext } from './doctor-context.ts';
import type { Fix } from './look-again.ts';

/** What doctor did and found. */
export interface Examination {
  /** Undefined where the cluster could not be reached. */
  doctor: DoctorContext | undefined;
  findings: Finding[];
  startedAt: Date;
  finishedAt: Date;
  /** What --fix did; the findings are those after it. */
  fixes?: Fix[];
}

/** `doctor -o json`: documented in docs/output.md. */
export function examinationData(
  { doctor, findings, startedAt, finishedAt, fixes }: Examination,
  spelling: Spelling,
): object {
  return {
    startedAt: startedAt.toISOString(),
    durationMs: finishedAt.getTime() - startedAt.getTime(),
    ...(doctor === undefined
      ? { reachable: false }
      : {
          reachable: true,
          server: doctor.kube.server,
          serverVersion: doctor.connection.serverVersion,
          ...(doctor.namespace === undefined ? {} : { namespace: doctor.namespace }),
          releases: doctor.releases.map(({ namespace, name }) => ({ namespace, name })),
        }),
    counts: Object.fromEntries(
      SEVERITIES.map((severity) => [
        severity,
        findings.filter((finding) => finding.severity === severity).length,
      ]),
    ),
    findings: findings.map(({ about: _, repair, advice, waysBack, ...shown }) => ({
      ...shown,
      ...(waysBack === undefined
        ? {}
        : { waysBack: waysBack.map((way) => ({ ...way, advice: spellAdvice(way.advice, spelling) })) }),
      ...spelledByEffect(advice, spelling),
      fixable: repair !== undefined,
    })),
    ...(fixes === undefined ? {} : { fixes }),
  };
}

/** What to look at and what to do, apart: commands that change nothing, and the others. */
function spelledByEffect(advice: readonly Advice[], spelling: Spelling): { look: string[]; fix: string[] } {
  const of = (effect: 'look' | 'fix'): string[] =>
    advice.filter((each) => effectOf(each) === effect).map((each) => spellAdvice(each, spelling));
  return { look: of('look'), fix: of('fix') };
}
