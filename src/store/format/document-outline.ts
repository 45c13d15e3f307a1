import { isObject } from '../../model/json/json.ts';
import {
  type BackupDocument,
  SEALED_FORMAT_VERSION,
  type VerificationDocument,
} from '../../model/records/backup-format.ts';
import type { BackupSummary } from '../../model/records/backup-summary.ts';
import type { VerificationNote } from '../store.ts';

/**
 * Whether `value` has what listing and choosing a backup look at. The JSON Schema says more, but loading and
 * compiling it takes a tenth of a second, so only `open` does; a listing of a store should not.
 */
export function hasOutline(value: unknown): value is BackupDocument {
  return (
    isObject(value) &&
    (value.kind === 'backup' || value.kind === 'safety') &&
    isText(value.id) &&
    isObject(value.tool) &&
    isText(value.tool.version) &&
    isObject(value.cluster) &&
    isText(value.cluster.name) &&
    isObject(value.namespace) &&
    isText(value.namespace.name) &&
    isText(value.release) &&
    isOptionalText(value.note) &&
    isText(value.startedAt) &&
    (value.formatVersion === SEALED_FORMAT_VERSION ? isSealing(value.sealed) : value.sealed === undefined) &&
    (value.helm === undefined || isHelm(value.helm)) &&
    isHealth(value.health) &&
    isSettings(value.settings) &&
    typeof value.complete === 'boolean' &&
    isSkipped(value.skipped) &&
    Array.isArray(value.objects) &&
    Array.isArray(value.files) &&
    value.files.every(
      (file) => isObject(file) && isText(file.path) && isCount(file.size) && isText(file.sha256),
    )
  );
}

/** The same of what a listing keeps of a backup.json. */
export function hasOutlineOfSummary(value: unknown): value is BackupSummary {
  return (
    isObject(value) &&
    (value.kind === 'backup' || value.kind === 'safety') &&
    isText(value.startedAt) &&
    isCount(value.durationMs) &&
    typeof value.complete === 'boolean' &&
    isOptionalText(value.note) &&
    isSkipped(value.skipped) &&
    (value.helm === undefined || isHelm(value.helm)) &&
    isHealth(value.health) &&
    isSettings(value.settings) &&
    isCount(value.objects) &&
    isCount(value.bytes) &&
    isText(value.toolVersion) &&
    isObject(value.cluster) &&
    typeof value.hollow === 'boolean' &&
    (value.sealed === undefined || isSealing(value.sealed))
  );
}

/** The same of a verified.json: what a listing shows of it. */
export function hasOutlineOfVerification(value: object): value is VerificationDocument {
  return hasOutlineOfNote(value);
}

/** The same of what `verify` has to say. */
export function hasOutlineOfNote(value: unknown): value is VerificationNote {
  if (!isObject(value)) return false;
  const { at, tool, passed, unchecked } = value as Record<string, unknown>;
  return (
    isText(at) &&
    !Number.isNaN(Date.parse(at)) &&
    isObject(tool) &&
    isText(tool.version) &&
    Array.isArray(passed) &&
    passed.every(isText) &&
    Array.isArray(unchecked) &&
    unchecked.every((item) => isObject(item) && isText(item.check) && isText(item.what) && isText(item.why))
  );
}

function isSealing(value: unknown): boolean {
  return (
    isObject(value) &&
    Array.isArray(value.recipients) &&
    value.recipients.every(
      (recipient) =>
        isObject(recipient) &&
        isText(recipient.type) &&
        (recipient.fingerprint === undefined || isText(recipient.fingerprint)),
    )
  );
}

function isSkipped(value: unknown): boolean {
  return (
    Array.isArray(value) && value.every((item) => isObject(item) && isText(item.what) && isText(item.why))
  );
}

function isHelm(value: unknown): boolean {
  return (
    isObject(value) &&
    isCount(value.revision) &&
    isText(value.status) &&
    isObject(value.chart) &&
    isText(value.chart.name) &&
    isText(value.chart.version)
  );
}

function isHealth(value: unknown): boolean {
  return (
    isObject(value) &&
    isCount(value.podsReady) &&
    isCount(value.podsWanted) &&
    isOptionalText(value.releaseStatus) &&
    (value.unfinished === undefined || (Array.isArray(value.unfinished) && value.unfinished.every(isText))) &&
    Array.isArray(value.drift)
  );
}

function isSettings(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value.verdict) &&
    isCount(value.podsAnswered) &&
    isCount(value.podsAsked) &&
    isOptionalText(value.inShort)
  );
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || isText(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
