import { numberAt, objectAt, stringAt } from '../json/json.ts';
import { hideSecretsInText } from '../secrets/hide-secrets-in-text.ts';
import { groupOf, type KubeObject, type ObjectRef } from './object.ts';

/** What a component reported of an object. */
export interface ReportedEvent {
  /** "FailedMount" */
  reason: string;
  /** Without what looks like a secret: it may quote a command line. */
  message: string;
  /** When it was seen last, RFC 3339; "" where the event does not say. */
  at: string;
  /** How often it was seen. */
  count: number;
}

/**
 * The events that are about one object, the newest first. One whose regarding object has another uid is about
 * a predecessor of the same name and left out. Events expire, after an hour unless the API server is told
 * otherwise (kube-apiserver --event-ttl): that there is none says nothing.
 */
export function eventsOf(events: readonly KubeObject[], ref: ObjectRef, uid?: string): ReportedEvent[] {
  return events
    .filter((event) => isAbout(event, ref, uid))
    .map(reported)
    .sort((a, b) => (a.at < b.at ? 1 : -1));
}

function isAbout(event: KubeObject, ref: ObjectRef, uid: string | undefined): boolean {
  // v1 calls it involvedObject, events.k8s.io/v1 regarding.
  const about = objectAt(event, 'involvedObject') ?? objectAt(event, 'regarding');
  if (stringAt(about, 'name') !== ref.name || stringAt(about, 'kind') !== ref.kind) return false;
  if (groupOf(stringAt(about, 'apiVersion') ?? ref.apiVersion) !== groupOf(ref.apiVersion)) return false;
  if ((stringAt(about, 'namespace') ?? '') !== (ref.namespace ?? '')) return false;
  const aboutUid = stringAt(about, 'uid');
  return uid === undefined || aboutUid === undefined || aboutUid === uid;
}

/** The kubelet has not heard of the object yet; it tries again at once (pkg/kubelet/util/manager). */
export function isSoonOver({ message }: Pick<ReportedEvent, 'message'>): boolean {
  return /failed to sync (?:secret|configmap) cache|object .* not registered/.test(message);
}

function reported(event: KubeObject): ReportedEvent {
  const at =
    stringAt(event, 'series', 'lastObservedTime') ??
    stringAt(event, 'lastTimestamp') ??
    stringAt(event, 'eventTime') ??
    stringAt(event, 'firstTimestamp') ??
    stringAt(event, 'metadata', 'creationTimestamp') ??
    '';
  return {
    reason: stringAt(event, 'reason') ?? '',
    message: hideSecretsInText(stringAt(event, 'message') ?? stringAt(event, 'note') ?? ''),
    at,
    count: numberAt(event, 'series', 'count') ?? numberAt(event, 'count') ?? 1,
  };
}
