import { type Finding, SEVERITIES, type Severity } from '../model/findings/finding.ts';
import { type Code, entryOf, isCode } from './catalogue.ts';

/** What of all that was found somebody wants to see. */
export interface WantedFindings {
  /** Codes that count for nothing: neither shown, nor mended, nor in the exit code. */
  ignore: readonly string[];
  /** Nothing less severe is shown; undefined: all, and standing notes of what is healthy in one line. */
  minSeverity: Severity | undefined;
}

export function withoutIgnored(findings: readonly Finding[], ignore: readonly string[]): Finding[] {
  return findings.filter(({ code }) => !ignore.includes(code));
}

/** Those that are as severe, or more. A failure is among them whatever is asked for. */
export function asSevereAs(findings: readonly Finding[], least: Severity | undefined): Finding[] {
  if (least === undefined) return [...findings];
  const last = SEVERITIES.indexOf(least);
  return findings.filter(({ severity }) => SEVERITIES.indexOf(severity) <= last);
}

/**
 * Takes out the notes on how something healthy was set up, which are the same at each look: they would bury what is new. Those
 * of a release in which something fails, or may, stay: they may have to do with it.
 */
export function foldNotes(findings: readonly Finding[]): { shown: Finding[]; folded: Finding[] } {
  const sick = findings.filter(({ severity }) => severity === 'fail' || severity === 'warn');
  const places = new Set(sick.map(placeOf));
  const isFolded = (finding: Finding): boolean =>
    isStanding(finding) &&
    (finding.release === undefined ? sick.length === 0 : !places.has(placeOf(finding)));
  return { shown: findings.filter((each) => !isFolded(each)), folded: findings.filter(isFolded) };
}

function placeOf({ release }: Finding): string {
  return release === undefined ? '' : `${release.namespace}/${release.name}`;
}

function isStanding({ code, severity }: Finding): boolean {
  return severity === 'note' && isCode(code) && entryOf(code satisfies Code).standing === true;
}
