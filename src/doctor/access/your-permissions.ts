import type { Command } from '../../advice/command.ts';
import { missingByRules, missingPermissions } from '../../kube/access-review.ts';
import { builtInType } from '../../kube/resource-types.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { groupOf } from '../../model/kubernetes/object.ts';
import { isMemcachedWorkload } from '../../model/kubernetes/workload.ts';
import {
  type BackupKinds,
  NO_BACKUP,
  type Permission,
  type PermissionRule,
  permissionsOf,
  permissionText,
  rulesFor,
  type ServedKind,
} from '../../model/permissions/command-permissions.ts';
import { RELEASE_KINDS } from '../../model/release/release-kinds.ts';
import { commandAbout } from '../advised-release.ts';
import { finding } from '../catalogue.ts';
import type { DoctorContext, ExaminedRelease } from '../doctor-context.ts';
import { grant, scopeWords } from '../grant.ts';
import { releaseMark } from '../release-mark.ts';

/** Shown of a list of missing permissions before the rest is counted. */
const SHOWN = 12;

/** What you lack for backing up, and for restoring what each release holds now. */
export async function examineYourPermissions(doctor: DoctorContext): Promise<Finding[]> {
  const { namespace, releases } = doctor;
  const toBackUp = rulesFor('backup', scopeOf(namespace, undefined));
  const missing = await lacked(doctor, namespace, toBackUp);
  if (missing === undefined) {
    doctor.reader.note({
      what: 'what you may do',
      why: 'the API server does not say (SelfSubjectRulesReview, SelfSubjectAccessReview)',
    });
    return [];
  }
  const findings: Finding[] = [];
  if (missing.length > 0) {
    findings.push(
      finding('MB110', {
        summary: `you may not back up or diff: ${missing.length} permissions are missing`,
        evidence: listed(missing),
        advice: [await grant(doctor, 'backup', ...scopeWords(namespace))],
      }),
    );
  }
  for (const release of releases.filter(({ live }) => live.classified.length > 0)) {
    findings.push(...(await examineRestore(doctor, release, missing)));
  }
  return findings;
}

async function examineRestore(
  doctor: DoctorContext,
  release: ExaminedRelease,
  known: readonly Permission[],
): Promise<Finding[]> {
  const { namespace, name } = release;
  const rules = rulesFor('restore', scopeOf(namespace, kindsOf(release)));
  const said = new Set(known.map(permissionText));
  const missing = (await lacked(doctor, namespace, rules)) ?? [];
  const further = missing.filter((permission) => !said.has(permissionText(permission)));
  if (further.length === 0) return [];
  return [
    finding('MB111', {
      release: { namespace, name },
      about: [releaseMark(release)],
      summary: `you may not restore ${name}, nor undo a restore of it: ${further.length} permissions are missing`,
      evidence: listed(further),
      advice: await restoreAdvice(doctor, release, known.length === 0),
    }),
  ];
}

/** What a restore takes depends on the backup: without one, nobody can tell. */
async function restoreAdvice(
  doctor: DoctorContext,
  release: ExaminedRelease,
  mayBackUp: boolean,
): Promise<Command[]> {
  const { namespace, name } = release;
  const [{ store }, backups] = await Promise.all([doctor.advised(release), doctor.backupsOf(release)]);
  const isSaved = backups.some(({ damage }) => damage === undefined);
  if (isSaved) return [await grant(doctor, 'restore', name, '-n', namespace, ...store)];
  return mayBackUp ? [commandAbout({ namespace, name, store }, 'backup')] : [];
}

/** Optional ones are no lack. */
async function lacked(
  { kube, reads }: DoctorContext,
  namespace: string | undefined,
  rules: PermissionRule[],
): Promise<Permission[] | undefined> {
  const needed = rules.filter(({ optional }) => optional !== true).flatMap(permissionsOf);
  if (namespace === undefined) return missingPermissions(kube, needed);
  return missingByRules(kube, await reads.rules(namespace), needed);
}

function listed(permissions: readonly Permission[]): { text: string }[] {
  const lines = permissions.slice(0, SHOWN).map((permission) => ({ text: permissionText(permission) }));
  const more = permissions.length - lines.length;
  return more === 0 ? lines : [...lines, { text: `and ${more} more` }];
}

function scopeOf(namespace: string | undefined, backupKinds: BackupKinds | undefined) {
  return {
    namespace,
    releaseKinds: RELEASE_KINDS.flatMap(([apiVersion, kind]) => builtInType(apiVersion, kind) ?? []),
    doctorKinds: [],
    backupKinds: backupKinds ?? NO_BACKUP,
    namespaceMissing: false,
  };
}

/** What a backup of the release as it is now would hold, as far as permissions depend on it. */
function kindsOf({ live, workloads, namespace }: ExaminedRelease): BackupKinds {
  const types = new Map<string, ServedKind>();
  const here = live.classified.filter(({ ref, role }) => role !== 'recorded' && ref.namespace === namespace);
  for (const { ref } of here) {
    const type = builtInType(ref.apiVersion, ref.kind);
    if (type !== undefined) types.set(`${groupOf(ref.apiVersion)}/${ref.kind}`, type);
  }
  const created = [...types.values()];
  const claims = created.filter(({ kind }) => kind !== 'PersistentVolumeClaim');
  return {
    ...NO_BACKUP,
    all: created,
    created,
    replaced: claims,
    deleted: claims,
    helmRecords:
      live.history.length === 0
        ? undefined
        : builtInType('v1', live.history[0]?.driver === 'configmap' ? 'ConfigMap' : 'Secret'),
    workloads: workloads.some(isMemcachedWorkload),
  };
}
