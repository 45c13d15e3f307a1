import { kubectl } from '../../advice/command.ts';
import { keyValues, valuePatch } from '../../advice/key-values.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { objectAt } from '../../model/json/json.ts';
import { type KubeObject, nameOf } from '../../model/kubernetes/object.ts';
import { type BackupRun, inNamespace, ofRun, refBeside, runNow } from './backup-run.ts';
import { podSpecOf } from './backup-schedule.ts';
import { needsOf, type PodNeed } from './pod-needs.ts';
import { makeAccount } from './repairs.ts';

/** Finds an object of the run's namespace; undefined where it can't be told. */
export type Look = (kind: PodNeed['kind'], name: string) => KubeObject | 'absent' | undefined;

/** What the CronJob's next run will lack, whether or not one has failed for it already. */
export function judgeNeeds(run: BackupRun, look: Look): Finding[] {
  return needsOf(podSpecOf(run.cronJob)).flatMap((need) => {
    const object = look(need.kind, need.name);
    if (object === undefined) return [];
    if (object === 'absent') return [missing(run, { ...need, key: undefined }, [])];
    return need.key === undefined || hasKey(object, need.key) ? [] : [missing(run, need, [])];
  });
}

function hasKey(object: KubeObject, key: string): boolean {
  return ['data', 'binaryData'].some((field) => Object.hasOwn(objectAt(object, field) ?? {}, key));
}

/** @param need with a key: the object is there, and this key of it is not; "" where nobody says which key. */
export function missing(
  run: BackupRun,
  { kind, name, key }: Omit<PodNeed, 'key'> & { key?: string | undefined },
  evidence: Evidence[],
): Finding {
  const what = `${kind.toLowerCase()}/${name}`;
  const about = [refBeside(run, kind, name)];
  if (kind === 'ServiceAccount') {
    return ofRun('MB224', run, {
      summary: `runs as ${what}, which does not exist`,
      evidence: evidenceOr(evidence, run, `spec.serviceAccountName: ${name}`),
      advice: [kubectl('create', 'serviceaccount', name, ...inNamespace(run))],
      about,
      ...makeAccount(run, name),
    });
  }
  if (key === undefined) {
    const words = kind === 'Secret' ? ['secret', 'generic'] : ['configmap'];
    return ofRun('MB231', run, {
      summary: `needs ${what}, which does not exist`,
      evidence: evidenceOr(evidence, run, `its pod template names ${what}`),
      advice: [
        kubectl('create', ...words, name, ...inNamespace(run), ...keyValues(keysWanted(run, kind, name))),
        runNow(run),
      ],
      about,
    });
  }
  return ofRun('MB232', run, {
    summary: `needs the key "${key}" of ${what}, which does not have it`,
    evidence: evidenceOr(evidence, run, `its pod template names the key "${key}" of ${what}`),
    advice: [
      kubectl('patch', kind.toLowerCase(), name, ...inNamespace(run), '-p', valuePatch(kind, key)),
      runNow(run),
    ],
    about,
  });
}

function evidenceOr(evidence: Evidence[], { cronJob }: BackupRun, text: string): Evidence[] {
  return evidence.length > 0 ? evidence : [{ text: `${text} (cronjob/${nameOf(cronJob)})` }];
}

/** Every key that the pod template names. */
function keysWanted(run: BackupRun, kind: PodNeed['kind'], name: string): string[] {
  const keys = needsOf(podSpecOf(run.cronJob)).flatMap((need) =>
    need.kind === kind && need.name === name && need.key !== undefined ? [need.key] : [],
  );
  return keys.length === 0 ? ['key'] : keys;
}
