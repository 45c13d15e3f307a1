import { shellWord } from '../advice/shell-word.ts';
import { isObject, type Json } from '../model/json/json.ts';
import { displayName } from '../model/kubernetes/object.ts';
import { isWorkload } from '../model/kubernetes/workload.ts';
import type { BackupDocument } from '../model/records/backup-format.ts';
import { holdsRecords } from '../model/records/held-secrets.ts';
import { printableLine } from '../output/printable.ts';

/**
 * RUNBOOK.md: how to restore this backup by hand, with kubectl, helm, gunzip and sha256sum only, for the
 * day on which this tool is not at hand. Written for the folder that it lies in, and the same for every backup of a release that
 * did not change.
 */
export function runbook(backup: BackupDocument): string {
  const document = oneLined(backup as unknown as Json) as unknown as BackupDocument;
  const { namespace, release, helm } = document;
  const workloads = document.objects.filter(
    (object) => object.role === 'owned' && object.manifest !== undefined && isWorkload(object),
  );
  const waits = workloads.map(
    (object) =>
      `kubectl rollout status ${object.kind.toLowerCase()}/${object.name} -n ${namespace.name} --timeout=300s`,
  );
  return `# Restoring ${release} by hand

A backup of release \`${release}\` in namespace \`${namespace.name}\`,
cluster \`${document.cluster.name}\` (Kubernetes ${document.cluster.serverVersion}). backup.json says its id, and when it was taken.
With the plugin: \`kubectl memcached-backup restore ${release}@ID -n ${namespace.name}\`.
Without it, run these commands in the folder that holds this file.

A restore empties the caches of the pods that it restarts.

## 1. Check the files

\`\`\`sh
sha256sum -c backup.json.sha256
\`\`\`

backup.json lists every other file with its size and sha256.

## 2. Bring the objects back

The namespace, if it is gone:

\`\`\`sh
kubectl create namespace ${namespace.name}
\`\`\`

${leftOutPart(document)}${objectsPart(document)}
${helm === undefined ? '' : helmPart(document, helm)}
## ${helm === undefined ? 3 : 4}. Wait, and prove it
${workloads.length === 0 ? '' : `\n\`\`\`sh\n${waits.join('\n')}\n\`\`\`\n`}
What the pods run with is what memcached itself says, not what a file says:

\`\`\`sh
kubectl port-forward -n ${namespace.name} ${workloads[0] === undefined ? 'pod/POD' : `${workloads[0].kind.toLowerCase()}/${workloads[0].name}`} 11211:11211 &
printf 'stats settings\\r\\nquit\\r\\n' | nc 127.0.0.1 11211
\`\`\`

Compare with \`settings.json\`, which holds the same answer from the day of the backup.
`;
}

/** A chart's version or a server's may hold anything: no line of it may pass for a command of the runbook. */
function oneLined(value: Json): Json {
  if (typeof value === 'string') return printableLine(value);
  if (Array.isArray(value)) return value.map(oneLined);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, oneLined(item)]));
}

function objectsPart({ helm, objects }: BackupDocument): string {
  // What Helm owns is best written in its name: the next upgrade then meets no other owner.
  const apply =
    helm === undefined
      ? 'apply -f manifests/'
      : 'apply --server-side --field-manager=helm --force-conflicts -f manifests/';
  const why =
    helm === undefined
      ? 'The objects:'
      : 'The objects. Writing them as field manager `helm` keeps `helm upgrade` free of conflicts:';
  const shared = objects.filter(({ role, manifest }) => role === 'referenced' && manifest !== undefined);
  const caution =
    shared.length === 0
      ? ''
      : `
The release only refers to these; others may use them too, and they may have been changed on purpose since.
Where they exist, apply a copy of \`manifests/\` without these files:

${shared.map(({ manifest }) => `- \`${manifest}\``).join('\n')}
`;
  return `${why}

\`\`\`sh
kubectl ${apply}
\`\`\`
${caution}
This does not remove what somebody added to an object by hand (an env entry, an annotation), nor objects
that were added since. Compare with \`kubectl ${apply.replace('apply', 'diff')}\`.`;
}

/** What has to be there, and is in no file of a backup without Secrets. */
function leftOutPart({ withoutSecrets, helm, namespace }: BackupDocument): string {
  if (withoutSecrets === undefined || withoutSecrets.objects.length === 0) return '';
  const lines = withoutSecrets.objects.map((object) => {
    const { type, keys = [] } = object;
    const facts = [
      ...(type === undefined ? [] : [`type ${type}`]),
      ...(keys.length === 0 ? [] : [`keys ${keys.join(', ')}`]),
    ];
    return `- \`${displayName(object)}\`${facts.length === 0 ? '' : ` (${facts.join('; ')})`}`;
  });
  return `This backup was taken without Secrets. These have to be there first, and nothing in this folder brings them back:

${lines.join('\n')}
${helm === undefined ? '' : inHelmsName(namespace.name)}
`;
}

function inHelmsName(namespace: string): string {
  return `
Where Helm's record is there, write a Secret of the release in Helm's name, for Helm 4 gives up where a field is another's:

\`\`\`sh
kubectl create secret generic NAME -n ${namespace} --from-literal=KEY=VALUE --dry-run=client -o yaml | kubectl apply --server-side --field-manager=helm -f -
\`\`\`
`;
}

function helmPart(document: BackupDocument, helm: NonNullable<BackupDocument['helm']>): string {
  const { namespace, release } = document;
  if (!holdsRecords(document)) {
    return `
## 3. Helm's record

This backup was taken without it, without the values and without the chart. Where \`helm history ${release} -n ${namespace.name}\` knows nothing of
the release, install the chart with your values before step 2:

\`\`\`sh
helm install ${release} ${shellWord(`REPO/${helm.chart.name}`)} --version ${shellWord(helm.chart.version)} -n ${namespace.name} -f VALUES
\`\`\`

${rollback(release, namespace.name, helm)}
`;
  }
  return `
## 3. Bring Helm's record back

Only where \`helm history ${release} -n ${namespace.name}\` knows nothing of the release:

\`\`\`sh
gunzip -c helm/release.json.gz | kubectl create -f -
helm history ${release} -n ${namespace.name}
\`\`\`

${rollback(release, namespace.name, helm)}

\`helm/values.yaml\` holds the values that were supplied, \`helm/chart/\` the chart (${helm.chart.name} ${helm.chart.version}) as far as
Helm keeps it: subcharts are not in there.
`;
}

/** A rollback goes to what was deployed; the document names only the newest revision. */
function rollback(
  release: string,
  namespace: string,
  { revision, status }: NonNullable<BackupDocument['helm']>,
): string {
  if (status !== 'deployed') {
    return `At the backup the newest revision, ${revision}, was ${status}. Where the release exists, \`helm history ${release} -n ${namespace}\`
shows which one is deployed, or, after a rollback that failed, was superseded last;
\`helm rollback ${release} REVISION -n ${namespace} --wait\` goes back to it.`;
  }
  return `Where the release exists and revision ${revision} is still in its history, Helm's own way back is:

\`\`\`sh
helm rollback ${release} ${revision} -n ${namespace} --wait
\`\`\``;
}
