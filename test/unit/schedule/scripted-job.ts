import { ApiError } from '../../../src/kube/api-error.ts';
import type { KubeClient, LogOptions } from '../../../src/kube/client.ts';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { type KubeObject, nameOf } from '../../../src/model/kubernetes/object.ts';
import { NAMESPACE } from '../doctor/schedule/objects.ts';

/** What a cluster shows of a Job at one look. */
export interface Look {
  /** null: it is gone. */
  job: KubeObject | null;
  pods?: KubeObject[];
  events?: KubeObject[];
  /** By pod: lines with their times. */
  logs?: Record<string, string[]>;
}

/** A cluster that shows one look after the other, and goes on showing the last. */
export function scriptedJob(
  looks: readonly Look[],
  denied: readonly ('pods' | 'events' | 'pods/log')[] = [],
): Pick<KubeClient, 'get' | 'list' | 'podLog'> & { asked: string[] } {
  let at = -1;
  const asked: string[] = [];
  const now = (): Look => looks[Math.min(Math.max(at, 0), looks.length - 1)]!;
  const allow = async (resource: 'pods' | 'events' | 'pods/log', verb: string): Promise<void> => {
    asked.push(`${verb} ${resource}`);
    if (!denied.includes(resource)) return;
    const message = `User "u" cannot ${verb} resource "${resource}" in API group ""`;
    throw new ApiError({ status: 403, reason: 'Forbidden', message }, { verb, group: '', resource });
  };
  return {
    asked,
    get: async () => {
      at++;
      return now().job ?? undefined;
    },
    list: async ({ plural }) => {
      await allow(plural === 'pods' ? 'pods' : 'events', 'list');
      return (plural === 'pods' ? now().pods : now().events) ?? [];
    },
    podLog: async (_namespace, pod, { since, timestamps }: LogOptions) => {
      await allow('pods/log', 'get');
      const lines = now().logs?.[pod];
      if (lines === undefined) {
        const call = { verb: 'get', group: '', resource: 'pods/log' };
        throw new ApiError({ status: 404, reason: 'NotFound', message: `pods "${pod}" not found` }, call);
      }
      const shown = lines.filter((line) => since === undefined || line.slice(0, 19) >= since.slice(0, 19));
      return shown.map((line) => `${timestamps === true ? line : line.replace(/^\S+ /, '')}\n`).join('');
    },
  };
}

/** An event about an object, as the API has it. */
export function reported(about: KubeObject, reason: string, message: string): KubeObject {
  const { apiVersion, kind } = about;
  const uid = (about.metadata as JsonObject).uid!;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${nameOf(about)}.${reason}`, namespace: NAMESPACE },
    involvedObject: { apiVersion: apiVersion!, kind: kind!, name: nameOf(about), namespace: NAMESPACE, uid },
    reason,
    message,
    lastTimestamp: '2026-11-26T02:00:05Z',
  };
}
