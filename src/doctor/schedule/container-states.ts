import { arrayAt, type JsonObject, numberAt, objectAt, stringAt } from '../../model/json/json.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';

/** A container of a pod, and where it is. */
export interface ContainerState {
  name: string;
  image: string;
  /** As the node knows what runs: "NAME@sha256:…"; absent before it is pulled. */
  imageId?: string;
  /** Its spec. */
  container: JsonObject;
  /** Not started (yet, or again). */
  waiting?: { reason: string; message: string };
  /** How it ended last. */
  ended?: { reason: string; message: string; exitCode: number; at: string; again: boolean };
}

/** The containers of a pod in the order in which they start; those that run are among them. */
export function containerStates(pod: KubeObject): ContainerState[] {
  return (['init', ''] as const).flatMap((prefix) => {
    const specs = arrayAt(pod, 'spec', prefix === 'init' ? 'initContainers' : 'containers');
    const states = arrayAt(pod, 'status', prefix === 'init' ? 'initContainerStatuses' : 'containerStatuses');
    return states.map((status) => {
      const name = stringAt(status, 'name') ?? '';
      const container = specs.find((each) => stringAt(each, 'name') === name);
      const waiting = objectAt(status, 'state', 'waiting');
      return {
        name,
        image: stringAt(container, 'image') ?? stringAt(status, 'image') ?? '',
        ...(stringAt(status, 'imageID') ? { imageId: stringAt(status, 'imageID')! } : {}),
        container: (container ?? {}) as JsonObject,
        ...(waiting === undefined ? {} : { waiting: reasonOf(waiting) }),
        ...endOf(status as JsonObject),
      };
    });
  });
}

function endOf(status: JsonObject): Pick<ContainerState, 'ended'> {
  const now = objectAt(status, 'state', 'terminated');
  const ended = now ?? objectAt(status, 'lastState', 'terminated');
  if (ended === undefined) return {};
  return {
    ended: {
      ...reasonOf(ended),
      exitCode: numberAt(ended, 'exitCode') ?? 0,
      at: stringAt(ended, 'finishedAt') ?? '',
      again: now === undefined,
    },
  };
}

function reasonOf(state: JsonObject): { reason: string; message: string } {
  return { reason: stringAt(state, 'reason') ?? '', message: stringAt(state, 'message') ?? '' };
}
