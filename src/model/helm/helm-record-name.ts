import { advice } from '../../advice/advice.ts';
import { kubectl } from '../../advice/command.ts';
import { ToolError } from '../../errors/tool-error.ts';
import { displayName, type KubeObject, labelsOf, nameOf, refOf } from '../kubernetes/object.ts';
import { decodeRevision, type HelmRevision } from './helm-release.ts';

/**
 * The release and revision that a record's name says: "mc" and 3 of "sh.helm.release.v1.mc.v3"
 * (helm.sh/helm/v3/pkg/storage/storage.go, makeKey); undefined where it is no record's name.
 */
export function recordName(name: string): { release: string; revision: number } | undefined {
  const [, release, revision] = /^sh\.helm\.release\.v1\.(.+)\.v(\d{1,15})$/.exec(name) ?? [];
  return release === undefined ? undefined : { release, revision: Number(revision) };
}

/** Whether Helm finds a record by its labels as the one that its name says. */
export function isFoundByLabels(object: KubeObject): boolean {
  const { owner, name, version = '' } = labelsOf(object);
  const said = recordName(nameOf(object));
  return owner === 'helm' && /^\d+$/.test(version) && (said === undefined || said.release === name);
}

/**
 * The same as decodeRevision, where the document is of the release and revision that the record's name says.
 * @throws ToolError naming a record that can't be decoded, or that holds something else than it is named after: whoever
 * believed it would take one revision for another.
 */
export function decodeNamed(record: KubeObject): HelmRevision {
  const decoded = decodeRevision(record);
  const said = recordName(nameOf(record));
  if (said === undefined || (said.release === decoded.name && said.revision === decoded.revision))
    return decoded;
  const ref = refOf(record);
  throw new ToolError(
    `Helm's record ${displayName(ref)} is damaged: it is named after revision ${said.revision} of ${said.release}, and holds revision ${decoded.revision} of ${decoded.name}`,
    {
      untouched: 'nothing was written',
      next: advice`keep a copy, and delete it where it is of no use: ${kubectl('get', `${displayName(ref)}${ref.namespace === undefined ? '' : ` -n ${ref.namespace}`}`, '-o', 'yaml')}`,
    },
  );
}
