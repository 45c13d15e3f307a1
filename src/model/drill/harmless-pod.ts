import { isObject, type JsonObject, objectAt, stringAt } from '../json/json.ts';

/** core/v1 PodSpec: fields by which a pod takes something of its node, or of other pods, that is not its own. */
const NODE_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC', 'nodeName'] as const;

/**
 * Takes out of a pod's spec, which is changed, what would reach beyond the drill's namespace: the node's ports, network and
 * files, the right to push other pods off a node, volumes that hold data.
 * @returns what was changed, a clause each.
 */
export function tamePodSpec(spec: JsonObject): string[] {
  return [
    ...NODE_FIELDS.flatMap((field) => (isSet(take(spec, field)) ? [`without ${field}`] : [])),
    ...withoutPriority(spec),
    ...containersOf(spec).flatMap(withoutHostPorts),
    ...ownVolumes(spec),
  ];
}

/**
 * Claims that a StatefulSet makes for its pods become empty directories: what a storage class does with a claim that goes (a volume
 * that is retained, a disk that is paid for) outlives the drill's namespace.
 * @param spec of the StatefulSet; changed.
 */
export function withoutClaims(spec: JsonObject): string[] {
  const templates = Array.isArray(spec.volumeClaimTemplates) ? spec.volumeClaimTemplates : [];
  const names = templates.flatMap((each) => stringAt(each, 'metadata', 'name') ?? []);
  delete spec.volumeClaimTemplates;
  const pod = objectAt(spec, 'template', 'spec');
  if (names.length === 0 || pod === undefined) return [];
  const volumes = Array.isArray(pod.volumes) ? pod.volumes : [];
  pod.volumes = [...volumes, ...names.map((name) => ({ name, emptyDir: {} }))];
  return names.map((name) => `an empty directory for each pod instead of its claim ${name}`);
}

/** The default class of the cluster stays, which nobody can turn off; a drill gets none that pushes others away. */
function withoutPriority(spec: JsonObject): string[] {
  const name = take(spec, 'priorityClassName');
  const [value] = [take(spec, 'priority'), take(spec, 'preemptionPolicy')];
  if (typeof name === 'string' && name !== '') return [`without priorityClassName ${name}`];
  return isSet(value) ? ['without priority'] : [];
}

function withoutHostPorts(container: JsonObject): string[] {
  const ports = Array.isArray(container.ports) ? container.ports.filter(isObject) : [];
  return ports.flatMap((port) => {
    delete port.hostIP;
    const hostPort = take(port, 'hostPort');
    return isSet(hostPort) ? [`without hostPort ${String(hostPort)}`] : [];
  });
}

/** A directory of the node, or a claim, may be the original's own: the drill's pods get an empty one. */
function ownVolumes(spec: JsonObject): string[] {
  const volumes = Array.isArray(spec.volumes) ? spec.volumes.filter(isObject) : [];
  return volumes.flatMap((volume) => {
    const found = (['hostPath', 'persistentVolumeClaim', 'ephemeral', 'nfs', 'csi'] as const).filter(
      (kind) => volume[kind] !== undefined,
    );
    if (found.length === 0) return [];
    for (const kind of found) delete volume[kind];
    volume.emptyDir = {};
    return [`an empty directory instead of the ${found[0]} of volume ${stringAt(volume, 'name') ?? ''}`];
  });
}

function containersOf(spec: JsonObject): JsonObject[] {
  return ['initContainers', 'containers'].flatMap((field) => {
    const list = spec[field];
    return Array.isArray(list) ? list.filter(isObject) : [];
  });
}

function take(object: JsonObject, field: string): unknown {
  const value = object[field];
  delete object[field];
  return value;
}

/** A zero and a false are what the field is without it. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}
