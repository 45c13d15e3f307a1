import { type CheckResult, failed, ok, unchecked } from '../backup/checks/check-result.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { arrayAt, stringAt } from '../model/json/json.ts';
import type { ObjectEntry } from '../model/records/backup-format.ts';

/**
 * The cluster serves every kind, in the version in which the backup has it. Recorded objects are never written,
 * so theirs don't matter. The server is asked, also of kinds that every cluster of today has.
 */
export async function checkKinds(kube: KubeClient, objects: readonly ObjectEntry[]): Promise<CheckResult[]> {
  const written = objects.filter(({ role }) => role !== 'recorded');
  const versions = Map.groupBy(written, ({ apiVersion }) => apiVersion);
  const answers = await Promise.all(
    [...versions].map(async ([apiVersion, entries]) => {
      const kinds = [...new Set(entries.map(({ kind }) => kind))].sort();
      const served = await servedKinds(kube, apiVersion);
      return kinds.map((kind): CheckResult => {
        const what = `${apiVersion} ${kind}`;
        if (served instanceof ApiError) return unchecked('api-versions', what, served.message);
        return served.has(kind)
          ? ok('api-versions', what)
          : failed('api-versions', what, 'this cluster does not serve it');
      });
    }),
  );
  return answers.flat();
}

/** Empty where the cluster does not know the version; the server's refusal where one may not ask. */
async function servedKinds(kube: KubeClient, apiVersion: string): Promise<Set<string> | ApiError> {
  const group = apiVersion.split('/').map(encodeURIComponent).join('/');
  try {
    const list = await kube.raw(apiVersion.includes('/') ? `/apis/${group}` : `/api/${group}`);
    return new Set(arrayAt(list, 'resources').map((resource) => stringAt(resource, 'kind') ?? ''));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 403) return error;
    if (error.status === 404) return new Set();
    throw error;
  }
}
