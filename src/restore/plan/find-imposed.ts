import { type Json, jsonEqual, objectAt, valueAt } from '../../model/json/json.ts';
import { type FieldChange, fieldChanges } from '../../model/kubernetes/field-changes.ts';
import { type KubeObject, keyOf } from '../../model/kubernetes/object.ts';
import { podTemplateOf } from '../../model/kubernetes/workload.ts';
import type { Imposed } from '../../model/plan/imposed.ts';
import { isSecretObject } from '../../model/secrets/secrecy.ts';
import { memcachedContainer } from '../../model/settings/memcached-container.ts';
import { settingsOfWorkload } from '../../model/settings/workload-settings.ts';
import { comparable } from './comparable.ts';
import { describeChange } from './describe-change.ts';
import { formToWrite } from './dry-run.ts';
import type { PlanInput } from './plan-input.ts';

/** What is the server's to write, also where it was sent. */
const SERVERS_OWN = /^metadata\.(?:uid|creationTimestamp|finalizers|ownerReferences)\b/;
/** Additions that are none of the API's own defaults: entries of lists, labels and annotations. */
const NO_DEFAULT = /\]$|\b(?:labels|annotations)\b/;

/**
 * What the server's dry-run answers differ in from what was sent. A field that it fills in is a default, and no
 * difference; the backup has its defaults already. Pure.
 */
export function findImposed({
  source,
  live,
  answers,
}: Omit<PlanInput, 'options' | 'livePods' | 'now'>): Imposed[] {
  return source.objects.flatMap((object) => {
    const answer = answers.get(keyOf(object.ref));
    if (answer?.kind !== 'accepted') return [];
    const sent = formToWrite(object, source, live);
    const found = fieldChanges(comparable(sent), comparable(answer.object)).filter(
      ({ path, from }) => !SERVERS_OWN.test(path) && (from !== undefined || NO_DEFAULT.test(path)),
    );
    if (found.length === 0) return [];
    const isContainer = !jsonEqual(commandOf(sent), commandOf(answer.object));
    const settings = isContainer ? settingsBetween(sent, answer.object) : [];
    return [
      {
        ref: object.ref,
        changes: found.map((change) => describeChange(change, isSecretObject(sent))),
        weighs: isContainer || found.some(({ from }: FieldChange) => from !== undefined),
        settings,
        opaque: isContainer && settings.length === 0,
      },
    ];
  });
}

/** What the container that runs memcached is started with. */
function commandOf(workload: KubeObject): Json[] {
  const found = memcachedContainer(objectAt(podTemplateOf(workload), 'spec') ?? {});
  return ['image', 'command', 'args', 'env', 'envFrom'].map(
    (field) => valueAt(found?.container, field) ?? null,
  );
}

function settingsBetween(sent: KubeObject, becomes: KubeObject): Imposed['settings'] {
  const [before, after] = [settingsOfWorkload(sent), settingsOfWorkload(becomes)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [backup, server] = [before.get(key), after.get(key)];
    if (backup === server) return [];
    return [
      { key, ...(backup === undefined ? {} : { backup }), ...(server === undefined ? {} : { server }) },
    ];
  });
}
