import { kubectl } from '../advice/command.ts';
import { effectOf } from '../advice/effect.ts';
import { ToolError, UsageError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Finding } from '../model/findings/finding.ts';
import type { CommandContext } from '../session/context.ts';
import { finding } from './catalogue.ts';
import type { Examination } from './examination-data.ts';
import { examine } from './examine.ts';
import { type DoctorScope, openDoctorContext } from './open-doctor-context.ts';
import { findingsOfStore } from './store-findings.ts';

/**
 * Looks at all that is wanted, once. Reads only. Where the API server gives no answer, that is a finding, and the store
 * is looked at all the same.
 * @throws UsageError
 */
export async function examineAll(
  options: DoctorScope,
  context: CommandContext,
): Promise<Pick<Examination, 'doctor' | 'findings'>> {
  let opened: Awaited<ReturnType<typeof openDoctorContext>>;
  try {
    opened = await openDoctorContext(options, context);
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof UsageError) throw error;
    const stored = await findingsOfStore(options, context);
    return { doctor: undefined, findings: [unreachable(error), ...stored] };
  }
  return { doctor: opened.doctor, findings: await examine(opened.checks, opened.doctor) };
}

/** Which server and which user they were; no credential is in what it prints. */
const CONNECTION_IN_USE = kubectl('config', 'view', '--minify');

function unreachable(error: ToolError): Finding {
  const evidence = [{ text: error.message }];
  if (error instanceof ApiError && error.status === 401) {
    return finding('MB102', {
      summary: 'your credentials were refused, so that nothing in the cluster could be looked at',
      evidence,
      advice: [CONNECTION_IN_USE, 'log in again, or name another user or context'],
    });
  }
  return finding('MB101', {
    summary: 'the API server gave no answer, so that nothing in the cluster could be looked at',
    evidence,
    // What asks the server gets no answer either.
    advice: [
      CONNECTION_IN_USE,
      ...(error.next === undefined || effectOf(error.next) === 'look' ? [] : [error.next]),
    ],
  });
}
