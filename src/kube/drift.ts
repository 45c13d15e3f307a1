import {
  isObject,
  isRawNumber,
  type Json,
  type JsonObject,
  objectAt,
  stringAt,
  valueAt,
} from '../model/json/json.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import { parseQuantity } from '../model/kubernetes/quantity.ts';
import { isSecretObject } from '../model/secrets/secrecy.ts';

/**
 * Fields of a live object that differ from what the release's manifest asks for. Only what the manifest
 * names is compared: the server fills in the rest. A list counts as drifted when it is longer, because an
 * entry added by hand is drift. Quantities are equal when their amounts are ("0.1" and "100m"). An object that
 * the server shows in another version than the manifest's is compared by its metadata only.
 * @param ignored paths that something else rightly owns, such as "spec.replicas" under an HPA.
 * @returns paths in the manifest's order, for people: "spec.template.spec.containers[0].args[1]".
 */
export function driftOf(manifest: KubeObject, live: KubeObject, ignored: string[] = []): string[] {
  const { status: _status, ...asked } = manifest;
  const paths =
    asked.apiVersion !== live.apiVersion
      ? differences({ metadata: asked.metadata ?? {} }, live, '')
      : isSecretObject(asked)
        ? secretDrift(asked, live)
        : differences(asked, live, '');
  return paths.filter((path) => !ignored.includes(path) && path !== 'metadata.namespace');
}

/** The server keeps what stringData and data decode to, stringData first (core/v1 Secret). */
function secretDrift(manifest: KubeObject, live: KubeObject): string[] {
  const { data: _data, stringData: _stringData, ...rest } = manifest;
  const plain = objectAt(manifest, 'stringData') ?? {};
  const encoded = objectAt(manifest, 'data') ?? {};
  const isLive = (key: string, value: Buffer): boolean =>
    value.equals(Buffer.from(stringAt(live, 'data', key) ?? '', 'base64'));
  return [
    ...differences(rest, live, ''),
    ...Object.keys(encoded)
      .filter((key) => !Object.hasOwn(plain, key))
      .filter((key) => !isLive(key, Buffer.from(String(encoded[key] ?? ''), 'base64')))
      .map((key) => `data.${key}`),
    ...Object.keys(plain)
      .filter((key) => !isLive(key, Buffer.from(String(plain[key] ?? ''))))
      .map((key) => `stringData.${key}`),
  ];
}

function differences(asked: Json, live: Json | undefined, path: string): string[] {
  if (isObject(asked)) {
    // A map of nothing but nulls and zeros is left out as a whole.
    if (live === undefined) return fieldsThatDiffer(asked, {}, path).length === 0 ? [] : [path];
    return isObject(live) ? fieldsThatDiffer(asked, live, path) : [path];
  }
  if (Array.isArray(asked)) {
    // Some lists come back as null (rules of a Role).
    if (asked.length === 0 && (live === undefined || live === null)) return [];
    // Controllers add finalizers of their own.
    if (path === 'metadata.finalizers' && Array.isArray(live))
      return asked.every((finalizer) => live.includes(finalizer)) ? [] : [path];
    if (!Array.isArray(live) || live.length !== asked.length) return [path];
    return asked.flatMap((item, index) => differences(item, live[index], `${path}[${index}]`));
  }
  return sameScalar(asked, live, path) ? [] : [path];
}

/** Helm drops nulls: they ask for nothing. */
function fieldsThatDiffer(asked: JsonObject, live: JsonObject, path: string): string[] {
  return Object.entries(asked).flatMap(([key, value]) =>
    value === null ? [] : differences(value, valueAt(live, key), path === '' ? key : `${path}.${key}`),
  );
}

/** Pointers in the API's types: the server keeps their zero, and "not there" means something else. */
const KEPT_AT_ZERO =
  /(?:^|\.)(?:allowPrivilegeEscalation|allocateLoadBalancerNodePorts|automountServiceAccountToken|enableServiceLinks|fsGroup|hostUsers|immutable|maxSurge|maxUnavailable|minAvailable|minReplicas|optional|partition|privileged|progressDeadlineSeconds|readOnlyRootFilesystem|replicas|revisionHistoryLimit|runAsGroup|runAsNonRoot|runAsUser|shareProcessNamespace|terminationGracePeriodSeconds)$/;

/** Where a zero or an empty text asks the server to fill in its default, or to allocate. */
const FILLED_AT_ZERO =
  /(?:^|\.)(?:apiGroup|clusterIP|dnsPolicy|externalTrafficPolicy|failureThreshold|healthCheckNodePort|imagePullPolicy|internalTrafficPolicy|ipFamilyPolicy|nodePort|path|periodSeconds|podManagementPolicy|protocol|restartPolicy|schedulerName|scheme|sessionAffinity|successThreshold|targetPort|terminationMessagePath|terminationMessagePolicy|timeoutSeconds|type|volumeMode|volumeName)$/;

/** Where people write what they like. */
const FREE_TEXT = /^(?:data|binaryData)\.|(?:^|\.)(?:labels|annotations|matchLabels|nodeSelector)\./;

/** Where a text is an amount (resource.Quantity in the API's types). */
const QUANTITY =
  /\.(?:limits(?:\[\d+\])?|requests|capacity|hard|overhead)\..+|\.(?:sizeLimit|divisor|averageValue)$|\.target\.value$/;

function sameScalar(asked: Json, live: Json | undefined, path: string): boolean {
  if (asked === live) return true;
  if (asked === '' || asked === false || asked === 0) {
    if (live === undefined) return !KEPT_AT_ZERO.test(path);
    if (FILLED_AT_ZERO.test(path) && !FREE_TEXT.test(path)) return true;
  }
  const a = scalarText(asked);
  const b = scalarText(live);
  if (a === undefined || b === undefined) return false;
  if (a === b) return true;
  if (typeof asked !== 'string' && typeof live !== 'string') return Number(a) === Number(b);
  if (!QUANTITY.test(path)) return false;
  const quantity = parseQuantity(a);
  return quantity !== undefined && quantity === parseQuantity(b);
}

function scalarText(value: Json | undefined): string | undefined {
  if (isRawNumber(value)) return value.rawJSON;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
