import { ToolError } from '../errors/tool-error.ts';
import { AREAS, bySeverity, type Finding } from '../model/finding.ts';
import { displayName } from '../model/object.ts';
import { permissionText } from '../model/permissions.ts';
import { finding } from './catalogue.ts';
import { hideConsequences } from './root-causes.ts';
import type { BlindSpot } from './sight.ts';
import type { AreaCheck, Ward } from './ward.ts';

/**
 * Runs the checks of every given area side by side. One that fails costs its own findings only. What could
 * not be looked at is said once, whoever wanted it.
 * @returns in the order of the areas, the worst of each first; consequences are behind their causes.
 */
export async function examine(checks: readonly AreaCheck[], ward: Ward): Promise<Finding[]> {
  const areas = await Promise.all(checks.map((check) => examineArea(check, ward)));
  const findings = [...areas.flat(), ...ward.sight.blindSpots.map((spot) => blindness(spot, ward))];
  return inOrder(hideConsequences(findings));
}

export function inOrder(findings: Finding[]): Finding[] {
  return findings.toSorted((a, b) => AREAS.indexOf(a.area) - AREAS.indexOf(b.area) || bySeverity(a, b));
}

async function examineArea(check: AreaCheck, ward: Ward): Promise<Finding[]> {
  try {
    return await check.examine(ward);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    ward.sight.note({ what: `all of "${check.area}"`, why: error.message });
    return [];
  }
}

function blindness({ what, why, permission }: BlindSpot, { invocation, namespace }: Ward): Finding {
  if (permission === undefined) {
    return finding('MB191', { summary: `${what} could not be read`, evidence: [{ text: why }] });
  }
  const asked = permissionText({ ...permission, namespace: permission.namespace });
  return finding('MB190', {
    summary: `you may not ${asked}`,
    evidence: [{ text: why }],
    fix: [
      `${invocation} permissions backup${namespace === undefined ? ' -A' : ` -n ${namespace}`} -o yaml --for user:NAME | kubectl apply -f -`,
    ],
  });
}

/** How a finding's object is called in a sentence or a table; "" where it has none. */
export function subjectOf({ object }: Pick<Finding, 'object'>): string {
  return object === undefined ? '' : displayName(object);
}
