import { kubectl, pipe, placeholder, helm as runHelm, type Word } from '../../advice/command.ts';
import { keyValues } from '../../advice/key-values.ts';
import { type Spelling, spellCommand } from '../../advice/spell.ts';
import type { RestoreSource } from '../../backup/source.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import {
  changeDocument,
  effectiveRevision,
  encodeRelease,
  type HelmRevision,
  type HelmStatus,
} from '../../model/helm/helm-release.ts';
import { objectAt } from '../../model/json/json.ts';
import { displayName, type ObjectRef, uidOf } from '../../model/kubernetes/object.ts';
import type { WithheldObject } from '../../model/records/backup-format.ts';
import { isSecretKind } from '../../model/secrets/secrecy.ts';

/** What a plan for a backup that was taken without Secrets is made of. */
interface Taken {
  source: RestoreSource;
  live: LiveRelease;
  spelling: Spelling;
}

/**
 * The backup with Helm's records of back then, where the cluster has them still: known again by their uids, which a
 * release that was installed anew does not have. Helm changes nothing in a record but its status; that is taken as it was.
 * The same backup where it holds its records itself, or the cluster has not got all that tell what was installed.
 */
export function withLiveRecords(source: RestoreSource, live: LiveRelease): RestoreSource {
  const { withoutSecrets, helm } = source.document;
  if (withoutSecrets === undefined || helm === undefined || source.history.length > 0) return source;
  const { records } = withoutSecrets;
  const history = live.history.flatMap((revision) => {
    const uid = uidOf(revision.record);
    const then = records.find((record) => record.uid === uid && record.revision === revision.revision);
    return then === undefined ? [] : [asThen(revision, then.status)];
  });
  const wanted = records.findLast(({ status }) => status === 'deployed') ?? records.at(-1);
  const isThere = effectiveRevision(history)?.revision === wanted?.revision;
  const isNewest = history.at(-1)?.revision === helm.revision;
  return isThere && isNewest ? { ...source, history } : source;
}

/** The record with the status of then: another one by now is a difference, as from any backup. */
function asThen(revision: HelmRevision, then: string): HelmRevision {
  const status = then as HelmStatus;
  if (revision.status === status) return revision;
  const { driver, record } = revision;
  const document = changeDocument(revision.document, { status });
  const metadata = objectAt(record, 'metadata') ?? {};
  const labels = { ...objectAt(metadata, 'labels'), status };
  const data = { ...objectAt(record, 'data'), release: encodeRelease(document, driver) };
  return { ...revision, record: { ...record, metadata: { ...metadata, labels }, data }, status, document };
}

/** Whether the backup was taken without Secrets, and this is one that stays for that. */
export function isLeftToCluster(ref: ObjectRef, { document }: RestoreSource): boolean {
  return document.withoutSecrets !== undefined && isSecretKind(ref);
}

/**
 * What the backup does not hold, and the cluster has not got either: without it the pods would not start.
 * @param options.force Helm is not gone by: otherwise the chart makes what is its own.
 */
export function missingSecrets(taken: Taken, { force }: { force?: boolean } = {}): string[] {
  const isOfChart = ({ role }: WithheldObject): boolean =>
    role === 'owned' && lacksRecord(taken) && force !== true;
  return absentObjects(taken)
    .filter((object) => !isOfChart(object))
    .map((object) => {
      const what = `${displayName(object)} is not in namespace ${taken.live.namespaceName}, and the backup was taken without it`;
      return `${what}: ${howToMake(object, taken)}, then restore again`;
    });
}

function absentObjects({ source, live }: Omit<Taken, 'spelling'>): WithheldObject[] {
  const { namespaceName: namespace } = live;
  return (source.document.withoutSecrets?.objects ?? []).filter(
    (object) => live.find({ ...refOf(object), namespace }) === undefined,
  );
}

function lacksRecord({ source: { document }, live }: Taken): boolean {
  return document.withoutSecrets !== undefined && document.helm !== undefined && live.history.length === 0;
}

/** That Helm knows nothing of the release, and the backup was taken without its record. */
export function missingRecord(taken: Taken): string[] {
  const { source, live, spelling } = taken;
  const { helm, release } = source.document;
  if (helm === undefined || !lacksRecord(taken)) return [];
  const { namespaceName: namespace } = live;
  const { name, version } = helm.chart;
  const install = runHelm(
    'install',
    release,
    placeholder(`REPO/${name}`),
    '--version',
    version,
    '-n',
    namespace,
    '-f',
    placeholder('VALUES'),
  );
  const made = absentObjects(taken).filter(({ role }) => role === 'owned');
  const names = made.map((object) => `${displayName(object)}${shapeOf(object, ' (', ')')}`).join(', ');
  const also = made.length === 0 ? '' : `, which also makes ${names}`;
  return [
    `Helm knows no release ${release} in namespace ${namespace}, and the backup was taken without Helm's record: install the chart with your values first (${spellCommand(install, spelling)})${also}, then restore again`,
  ];
}

/** Helm 4 applies on the server's side, and gives up where a field is another manager's: so it is made in Helm's name. */
const APPLY_AS_HELM = kubectl('apply', '--server-side', '--field-manager=helm', '-f', '-');

function howToMake(object: WithheldObject, { source, live, spelling }: Taken): string {
  const { name, role, why } = object;
  if (!isSecretKind(object)) return `make it first (${why})`;
  const { namespaceName: namespace } = live;
  const create = kubectl('create', 'secret', 'generic', name, '-n', namespace, ...contentOf(object));
  const isOfHelm = role === 'owned' && source.document.helm !== undefined;
  const rendered = kubectl(
    'create',
    'secret',
    'generic',
    name,
    '-n',
    namespace,
    ...contentOf(object),
    '--dry-run=client',
    '-o',
    'yaml',
  );
  const command = isOfHelm ? pipe(rendered, APPLY_AS_HELM) : create;
  const deployed = effectiveRevision(live.history);
  const byHelm =
    role === 'owned' && deployed !== undefined
      ? `, or let Helm make it again (${spellCommand(runHelm('rollback', source.document.release, deployed.revision, '-n', namespace), spelling)})`
      : '';
  return `create it first${shapeOf(object, ' ')} (${spellCommand(command, spelling)})${byHelm}`;
}

/** What a Secret is made of: its keys, as far as they are known, and its type. */
function contentOf({ type, keys = [] }: WithheldObject): Word[] {
  const values = keyValues(keys.length === 0 ? ['key'] : keys);
  return [...(type === undefined || type === 'Opaque' ? [] : [`--type=${type}`]), ...values];
}

/** "of type kubernetes.io/tls and with the keys tls.crt, tls.key"; "" where nothing is known. */
function shapeOf({ type, keys = [] }: WithheldObject, before: string, after = ''): string {
  const shape = [
    ...(type === undefined || type === 'Opaque' ? [] : [`of type ${type}`]),
    ...(keys.length === 0 ? [] : [`with ${keys.length === 1 ? 'the key' : 'the keys'} ${keys.join(', ')}`]),
  ];
  return shape.length === 0 ? '' : `${before}${shape.join(' and ')}${after}`;
}

/** What a person should know of a backup without Secrets before saying yes. */
export function leftOutWarnings({ source, live }: Omit<Taken, 'spelling'>): string[] {
  const { withoutSecrets, helm } = source.document;
  if (withoutSecrets === undefined) return [];
  const absent = new Set(absentObjects({ source, live }));
  const there = withoutSecrets.objects.filter((object) => !absent.has(object));
  const names = there.map((each) => displayName(each)).join(', ');
  const isLost = helm !== undefined && live.history.length > 0 && source.history.length === 0;
  return [
    ...(there.length === 0
      ? []
      : [
          `the backup was taken without Secrets: ${names} ${there.length === 1 ? 'stays as it is' : 'stay as they are'} in the cluster`,
        ]),
    ...(isLost
      ? [
          `the backup was taken without Helm's record, and the cluster has none of revision ${helm.revision} as it was: Helm's record stays as it is, so that the next helm upgrade goes by the values that it has now`,
        ]
      : []),
  ];
}

function refOf({ apiVersion, kind, name }: WithheldObject): ObjectRef {
  return { apiVersion, kind, name };
}
