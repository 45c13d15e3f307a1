import type { RestoreSource } from '../backup/source.ts';
import type { Difference } from '../model/release/difference.ts';

/** A comparison as `-o json` and `-o yaml` print it; docs/output.md documents it. */
export function differenceData(difference: Difference, { document, location }: RestoreSource): object {
  const { verdict, to, helm, objects, settings, unread } = difference;
  return {
    verdict,
    release: document.release,
    namespace: document.namespace.name,
    backup: { id: document.id, cluster: document.cluster.name, location },
    against: to,
    ...(helm === undefined ? {} : { helm }),
    objects: objects.map(({ ref, role, change, fields }) => ({ ...ref, role, change, fields })),
    settings: settings.rows.filter(({ differs }) => differs),
    notCompared: [...unread, ...settings.unproven],
  };
}
