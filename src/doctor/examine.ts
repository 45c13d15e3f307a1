import { ToolError } from '../errors/tool-error.ts';
import { AREAS, bySeverity, type Finding } from '../model/findings/finding.ts';
import { displayName } from '../model/kubernetes/object.ts';
import { finding } from './catalogue.ts';
import type { AreaCheck, DoctorContext } from './doctor-context.ts';
import { grant, scopeWords } from './grant.ts';
import type { UnreadableResource } from './resource-reader.ts';
import { hideConsequences } from './root-causes.ts';

/** Before an error that nobody expected. */
const OWN_FAULT = 'a fault of doctor itself';

/**
 * Runs the checks of every given area side by side. One that fails, by whatever error, costs its own findings only:
 * half an answer is worth more than none to whoever is in trouble. What could
 * not be looked at is said once, whoever wanted it.
 * @returns in the order of the areas, the worst of each first; consequences are behind their causes.
 */
export async function examine(checks: readonly AreaCheck[], doctor: DoctorContext): Promise<Finding[]> {
  const areas = await Promise.all(checks.map((check) => examineArea(check, doctor)));
  const findings = [...areas.flat(), ...(await unreadableFindings(doctor))];
  return inOrder(hideConsequences(findings));
}

export function inOrder(findings: Finding[]): Finding[] {
  return findings.toSorted((a, b) => AREAS.indexOf(a.area) - AREAS.indexOf(b.area) || bySeverity(a, b));
}

async function examineArea(check: AreaCheck, doctor: DoctorContext): Promise<Finding[]> {
  try {
    const examine = await check.load();
    return await examine(doctor);
  } catch (error) {
    const why = error instanceof ToolError ? error.message : `${OWN_FAULT}: ${String(error)}`;
    doctor.reader.note({ what: `all of "${check.area}"`, why });
    return [];
  }
}

/** One finding for all permissions that are missing, one for each other failure. */
async function unreadableFindings(doctor: DoctorContext): Promise<Finding[]> {
  const { reader, namespace } = doctor;
  const spots = reader.unreadable;
  const forbidden = spots.filter(({ permission }) => permission !== undefined);
  const failed = spots.filter(({ permission }) => permission === undefined);
  const findings = failed.map(({ what, why }) =>
    finding('MB191', { summary: `${what} could not be read`, evidence: [{ text: why }] }),
  );
  if (forbidden.length === 0) return findings;
  const unseen = finding('MB190', {
    summary: `you may not ${sentence(forbidden)}`,
    evidence: forbidden.map(({ why }) => ({ text: why })),
    advice: [await grant(doctor, 'doctor', ...scopeWords(namespace))],
  });
  return [unseen, ...findings];
}

/** "list cronjobs.batch, secrets; get pods/log" */
function sentence(spots: UnreadableResource[]): string {
  const verbs = Map.groupBy(spots, ({ permission }) => permission?.verb ?? '');
  const resources = (group: UnreadableResource[]): string =>
    group.map(({ permission }) => resourceText(permission!)).join(', ');
  return [...verbs].map(([verb, group]) => `${verb} ${resources(group)}`).join('; ');
}

function resourceText({ group, resource }: NonNullable<UnreadableResource['permission']>): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** How a finding's object is called in a sentence or a table; "" where it has none. */
export function subjectOf({ object }: Pick<Finding, 'object'>): string {
  return object === undefined ? '' : displayName(object);
}
