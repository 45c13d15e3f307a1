import { type Json, type JsonObject, numberAt, objectAt, stringAt, valueAt } from '../../model/json/json.ts';

/** A container that runs so long without being ready, milliseconds, is not just starting. */
const NOT_READY_MS = 30_000;
/** What an init container does (a file is fetched, a volume changes hands) may take so long. */
const INIT_MS = 5 * 60_000;
/** So many failed probes are no slow start either. */
const FAILED_PROBES = 3;

/** What a container that is not ready may take before something is wrong. */
export interface TimeToBeReady {
  ms: number;
  failedProbes: number;
}

/**
 * Its readiness probe does not begin before initialDelaySeconds; a startup probe that has not succeeded may fail
 * failureThreshold times, one every periodSeconds (API reference, Probe: the defaults are 3 and 10). An init
 * container has no probes, but for one that goes on beside the others.
 */
export function timeToBeReady(
  container: Json | undefined,
  status: JsonObject,
  isInit: boolean,
): TimeToBeReady {
  if (isInit && stringAt(container, 'restartPolicy') !== 'Always') {
    return { ms: INIT_MS, failedProbes: Number.POSITIVE_INFINITY };
  }
  const startup = objectAt(container, 'startupProbe');
  if (startup !== undefined && valueAt(status, 'started') === false) {
    const failures = numberAt(startup, 'failureThreshold') ?? 3;
    const seconds =
      secondsAt(startup, 'initialDelaySeconds', 0) + failures * secondsAt(startup, 'periodSeconds', 10);
    return { ms: seconds * 1000 + NOT_READY_MS, failedProbes: failures };
  }
  const delay = secondsAt(objectAt(container, 'readinessProbe'), 'initialDelaySeconds', 0);
  return { ms: delay * 1000 + NOT_READY_MS, failedProbes: FAILED_PROBES };
}

function secondsAt(probe: JsonObject | undefined, field: string, fallback: number): number {
  return numberAt(probe, field) ?? fallback;
}
