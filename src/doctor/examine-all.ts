import { ToolError, UsageError } from '../errors/tool-error.ts';
import type { CommandContext } from '../session/context.ts';
import type { DoctorScope } from './doctor-scope.ts';
import type { Examination } from './examination-data.ts';
import { openDoctorContext } from './open-doctor-context.ts';

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
    const [{ unreachableFinding }, { findingsOfStore }] = await Promise.all([
      import('./unreachable-finding.ts'),
      import('./store-findings.ts'),
    ]);
    const stored = await findingsOfStore(options, context);
    return { doctor: undefined, findings: [unreachableFinding(error), ...stored] };
  }
  const { examine } = await import('./examine.ts');
  return { doctor: opened.doctor, findings: await examine(opened.checks, opened.doctor) };
}
