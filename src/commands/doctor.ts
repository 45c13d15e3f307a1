import { asSevereAs, foldNotes, type WantedFindings, withoutIgnored } from '../doctor/choose-findings.ts';
import { type Examination, examinationData } from '../doctor/examination-data.ts';
import { examineAll } from '../doctor/examine-all.ts';
import type { Fix, SecondLook } from '../doctor/look-again.ts';
import { meanwhile } from '../doctor/meanwhile.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { UsageError } from '../errors/tool-error.ts';
import type { Area } from '../model/findings/finding.ts';
import { displayName } from '../model/kubernetes/object.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { printData } from '../output/print.ts';
import type { CommandContext } from '../session/context.ts';
import { reading } from '../session/under-way.ts';

export interface DoctorOptions extends WantedFindings {
  /** Every memcached release of the namespace where empty. */
  releases: readonly string[];
  allNamespaces: boolean;
  /** --only; every area where empty. */
  areas: readonly Area[];
  /** Between two looks at a pod's counters, milliseconds. */
  intervalMs: number;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** Mend what can be mended. */
  fix: boolean;
  /** Do not ask before each change. */
  yes: boolean;
  /** --timeout, for `fix`: for a restart, and for a finding to go away, milliseconds. */
  timeoutMs: number;
  /** --report: a .tgz to write. */
  report?: string;
  output: OutputFormat;
}

const UNTOUCHED = 'nothing in the cluster was changed';

/**
 * `doctor [RELEASE…]`: finds out why a backup, a restore or a restart did not work. Reads only, but for `fix`.
 * @returns ok where nothing fails (any more), differs where something does or what `fix` was to mend is not mended,
 * incomplete where nobody knows whether what `fix` did has helped, unreachable where the API server gave no answer.
 * @throws InterruptedError after Ctrl-C; UsageError for a code that there is not.
 */
export async function doctor(options: DoctorOptions, context: CommandContext): Promise<ExitCode> {
  if (options.ignore.length > 0) await assertCodes(options.ignore);
  const first = await examineNow(options, context);
  if (options.report !== undefined) {
    const { writeReport } = await import('../doctor/doctor-report.ts');
    await writeReport(options.report, first, context);
  }
  if (!options.fix || first.doctor === undefined) {
    await printExamination(first, options, context);
    return exitCodeOf(first);
  }
  const [{ fixFindings }, { fixEnding }] = await Promise.all([
    import('../doctor/doctor-fix.ts'),
    import('../doctor/fix-ending.ts'),
  ]);
  const isData = options.output !== 'table' && options.output !== 'wide';
  if (!isData) await printExamination(first, options, context);
  let last = first;
  const { reader } = first.doctor;
  const lookAgain = async (): Promise<SecondLook | undefined> => {
    const again = await examineAll(options, context);
    if (again.doctor === undefined) return undefined;
    const findings = withoutIgnored(again.findings, options.ignore);
    last = { ...first, ...again, findings, finishedAt: context.now() };
    return { findings, readsLess: again.doctor.reader.readsLessThan(reader) };
  };
  const fixes = await fixFindings(first.findings, options, lookAgain, context);
  if (isData) await printExamination({ ...last, fixes }, options, context);
  else for (const line of fixEnding(fixes, last.findings)) context.io.say(line);
  const code = exitCodeOf(last);
  return code === ExitCode.ok ? exitCodeOfFixes(fixes) : code;
}

/** @throws UsageError for a code that there is not. */
async function assertCodes(codes: readonly string[]): Promise<void> {
  const { CODES, isCode } = await import('../doctor/catalogue.ts');
  const unknown = codes.find((code) => !isCode(code));
  if (unknown === undefined) return;
  throw new UsageError(
    `"${unknown}" is no code of a finding, for --ignore; they go from ${CODES[0]} to ${CODES.at(-1)}`,
  );
}

/** A warning that was to be mended and is not, is a failure to mend: the exit code says so. */
function exitCodeOfFixes(fixes: readonly Fix[]): ExitCode {
  if (fixes.some(({ outcome }) => outcome === 'failed' || outcome === 'remains')) return ExitCode.differs;
  return fixes.some(({ outcome }) => outcome === 'unknown') ? ExitCode.incomplete : ExitCode.ok;
}

function exitCodeOf({ doctor, findings }: Examination): ExitCode {
  if (doctor === undefined) return ExitCode.unreachable;
  return findings.some(({ severity }) => severity === 'fail') ? ExitCode.differs : ExitCode.ok;
}

async function examineNow(options: DoctorOptions, context: CommandContext): Promise<Examination> {
  const startedAt = context.now();
  const looking = () => examineAll(options, context);
  const [{ doctor, findings }] = await Promise.all([
    reading(context, 'Looking', UNTOUCHED, looking),
    meanwhile(loadView),
  ]);
  return {
    doctor,
    findings: withoutIgnored(findings, options.ignore),
    startedAt,
    finishedAt: context.now(),
  };
}

function loadView() {
  return Promise.all([import('../output/findings-text.ts'), import('../output/findings-verdict.ts')]);
}

async function printExamination(
  examination: Examination,
  { output, allNamespaces, minSeverity }: DoctorOptions,
  { io, now, spelling }: CommandContext,
): Promise<void> {
  const { doctor } = examination;
  const findings = asSevereAs(examination.findings, minSeverity);
  const names = findings.map(({ code, object }) =>
    object === undefined ? code : `${code} ${displayName(object)}`,
  );
  const data = examinationData({ ...examination, findings }, spelling);
  if (await printData(io, output, { kind: 'DoctorReport', data, names })) return;
  const [{ findingsText }, { verdictLines }] = await loadView();
  const several = allNamespaces || (doctor?.releases.length ?? 0) > 1;
  const wide = output === 'wide';
  const { shown, folded } =
    wide || minSeverity !== undefined ? { shown: findings, folded: [] } : foldNotes(findings);
  const text = findingsText(shown, io.outStyle, {
    now: now(),
    wide,
    several,
    folded,
    spelling,
    columns: io.outColumns,
  });
  if (text !== '') io.outProse(text);
  for (const line of verdictLines(examination.findings, { now: now(), spelling, several })) io.say(line);
}
