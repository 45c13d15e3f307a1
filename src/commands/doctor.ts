import { finding } from '../doctor/catalogue.ts';
import { examine } from '../doctor/examine.ts';
import type { Ward } from '../doctor/ward.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { ToolError, UsageError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Area, Finding } from '../model/finding.ts';
import { displayName } from '../model/object.ts';
import { findingsText } from '../output/findings-text.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { printData } from '../output/print.ts';
import type { CommandContext } from './context.ts';
import { type Examination, examinationData } from './examination-data.ts';
import { openWard } from './open-ward.ts';

export interface DoctorOptions {
  /** Every memcached release of the namespace where empty. */
  releases: readonly string[];
  allNamespaces: boolean;
  /** --only; every area where empty. */
  areas: readonly Area[];
  /** Between two looks at a pod's counters, milliseconds. */
  intervalMs: number;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  output: OutputFormat;
}

const UNTOUCHED = 'nothing in the cluster was changed';

/**
 * `doctor [RELEASE…]`: finds out why a backup, a restore or a restart did not work. Reads only.
 * @returns ok where nothing fails, differs where something does, unreachable where the API server gave no
 * answer.
 */
export async function doctor(options: DoctorOptions, context: CommandContext): Promise<ExitCode> {
  const startedAt = context.now();
  const progress = context.io.progress('Looking');
  const looking = look(options, context);
  const { ward, findings } = await interruptible(looking, context.signal, UNTOUCHED).finally(() =>
    progress.done(),
  );
  const examination = { ward, findings, startedAt, finishedAt: context.now() };
  await printExamination(examination, options, context);
  if (ward === undefined) return ExitCode.unreachable;
  return findings.some(({ severity }) => severity === 'fail') ? ExitCode.differs : ExitCode.ok;
}

async function look(
  options: DoctorOptions,
  context: CommandContext,
): Promise<{ ward: Ward | undefined; findings: Finding[] }> {
  let opened: Awaited<ReturnType<typeof openWard>>;
  try {
    opened = await openWard(options, context);
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof UsageError) throw error;
    return { ward: undefined, findings: [unreachable(error)] };
  }
  return { ward: opened.ward, findings: await examine(opened.checks, opened.ward) };
}

function unreachable(error: ToolError): Finding {
  const evidence = [{ text: error.message }];
  if (error instanceof ApiError && error.status === 401) {
    return finding('MB102', {
      summary: 'your credentials were refused, so that nothing in the cluster could be looked at',
      evidence,
      fix: ['kubectl auth whoami'],
    });
  }
  return finding('MB101', {
    summary: 'the API server gave no answer, so that nothing in the cluster could be looked at',
    evidence,
    fix: [error.next ?? 'kubectl cluster-info'],
  });
}

async function printExamination(
  examination: Examination,
  { output, allNamespaces }: DoctorOptions,
  { io, now }: CommandContext,
): Promise<void> {
  const { findings, ward } = examination;
  const names = findings.map(({ code, object }) =>
    object === undefined ? code : `${code} ${displayName(object)}`,
  );
  if (await printData(io, output, { data: examinationData(examination), names })) return;
  const several = allNamespaces || (ward?.releases.length ?? 0) > 1;
  io.out(findingsText(findings, io.outStyle, { now: now(), wide: output === 'wide', several }));
  io.say(verdict(findings));
}

function verdict(findings: Finding[]): string {
  const count = (severity: Finding['severity']): number =>
    findings.filter((each) => each.severity === severity).length;
  const parts = [
    [count('fail'), 'failure'],
    [count('warn'), 'warning'],
    [count('unknown'), 'thing that could not be looked at'],
  ] as const;
  const said = parts.flatMap(([number, what]) =>
    number === 0 ? [] : [`${number} ${number === 1 ? what : what.replace(/^(\w+)/, '$1s')}`],
  );
  return said.length === 0 ? 'Nothing is wrong.' : `${said.join(', ')}.`;
}
