import type { PodObservation } from '../memcached/observe-pods.ts';
import { arrayAt, type Json, numberAt, stringAt } from '../model/json/json.ts';
import { toYaml } from '../model/json/yaml.ts';
import { groupOf, type KubeObject, nameOf, refOf } from '../model/kubernetes/object.ts';
import { hideAllInData, hideAllSecrets } from '../model/secrets/hide-all-secrets.ts';
import { hideSecretsInLines } from '../model/secrets/hide-secrets-in-lines.ts';
import { secretAnnotationsOf, secretValuesOf, withoutNames } from '../model/secrets/secrecy.ts';
import { secretDigest } from '../model/secrets/secret-digest.ts';
import { maskedEnv } from '../model/settings/pod-settings.ts';
import type { DoctorContext } from './doctor-context.ts';
import { secretsOfRevision } from './secrets-of-revision.ts';

/** A file of the report, before the values of `secretsSeen` are masked in it. */
export interface ReportFile {
  path: string;
  text: string;
}

/** Lines of each log, and pods whose logs are taken. */
const LOG_LINES = 200;
const MAX_PODS = 20;

/** What is in the report beside the findings: objects, events, what pods say, logs of those that fail. */
export async function reportFiles(doctor: DoctorContext): Promise<ReportFile[]> {
  const places = new Set(
    doctor.namespace === undefined ? doctor.releases.map((each) => each.namespace) : [doctor.namespace],
  );
  const here = doctor.reader.seen().filter((object) => {
    const { namespace } = refOf(object);
    return namespace === undefined || places.has(namespace);
  });
  const events = here.filter(({ kind }) => kind === 'Event');
  const observed = await Promise.all(doctor.releases.map((release) => release.observe()));
  return [
    ...here.filter(({ kind }) => kind !== 'Event').map(objectFile),
    { path: 'events.json', text: jsonText(events.map((event) => hideAllSecrets(event, secretDigest))) },
    { path: 'pods.json', text: jsonText(observed.flat().map(podData)) },
    ...(await logFiles(doctor, here.filter(isTroubledPod).slice(0, MAX_PODS))),
  ];
}

/**
 * The secret values in plain text of every object that was listed, whosever it is: env, arguments and scripts of
 * workloads that are in the report only because they are in the same namespace; and of every revision of Helm's, whose
 * older passwords old ReplicaSets and logs may hold. They may stand in any file of it.
 */
export function secretsSeen({ reader, releases }: DoctorContext): string[] {
  const seen = reader.seen();
  const names = seen.flatMap((object) => [nameOf(object), refOf(object).namespace ?? '']);
  const values = [
    ...seen.flatMap((object) => [...secretValuesOf(object), ...secretAnnotationsOf(object)]),
    ...releases.flatMap(({ live }) => [...live.secretValues, ...live.history.flatMap(secretsOfRevision)]),
  ];
  return withoutNames(values, [...names, ...releases.map(({ name }) => name)]);
}

function objectFile(object: KubeObject): ReportFile {
  const { namespace = 'cluster', kind, name, apiVersion } = refOf(object);
  const group = groupOf(apiVersion);
  const type = `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}`;
  return {
    path: `objects/${namespace}/${type}/${safe(name)}.yaml`,
    text: toYaml(hideAllSecrets(object, secretDigest)),
  };
}

function podData({ target, settings, before, after, seconds }: PodObservation): Json {
  const { namespace, pod, port } = target;
  const shown = { ...settings, env: maskedEnv(settings.env) };
  const data = { namespace, pod, port, settings: shown, before, after, seconds };
  return hideAllInData(JSON.parse(JSON.stringify(data)) as Json, secretDigest);
}

/** Not ready, ended badly, or started again. */
export function isTroubledPod(object: KubeObject): boolean {
  if (object.kind !== 'Pod') return false;
  if (stringAt(object, 'status', 'phase') === 'Failed') return true;
  return [
    ...arrayAt(object, 'status', 'initContainerStatuses'),
    ...arrayAt(object, 'status', 'containerStatuses'),
  ].some(
    (status) =>
      (numberAt(status, 'restartCount') ?? 0) > 0 ||
      (numberAt(status, 'state', 'terminated', 'exitCode') ?? 0) > 0,
  );
}

async function logFiles({ reader }: DoctorContext, pods: readonly KubeObject[]): Promise<ReportFile[]> {
  const wanted = pods.flatMap((pod) =>
    [
      ...arrayAt(pod, 'status', 'initContainerStatuses'),
      ...arrayAt(pod, 'status', 'containerStatuses'),
    ].flatMap((status) => {
      const container = stringAt(status, 'name') ?? '';
      const restarted = (numberAt(status, 'restartCount') ?? 0) > 0;
      return (restarted ? [false, true] : [false]).map((previous) => ({ pod, container, previous }));
    }),
  );
  const files = wanted.map(async ({ pod, container, previous }) => {
    const namespace = refOf(pod).namespace ?? '';
    const text = await reader.log(namespace, nameOf(pod), { container, previous, tailLines: LOG_LINES });
    const name = `${container}${previous ? '.previous' : ''}.log`;
    const path = `logs/${namespace}/${safe(nameOf(pod))}/${safe(name)}`;
    return text === undefined ? [] : [{ path, text: hideSecretsInLines(text) }];
  });
  return (await Promise.all(files)).flat();
}

/** Names of some kinds may hold what is no part of a file name (RBAC: "system:x"). */
function safe(name: string): string {
  return name.replaceAll(/[^\w.-]/g, '_');
}

export function jsonText(data: unknown): string {
  return `${JSON.stringify(data, null, 2)}\n`;
}
