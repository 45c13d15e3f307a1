import type { ShownBackup } from '../backup/show/show-backup.ts';
import type { HelmStatus } from '../model/helm/helm-release.ts';
import { isBlocking } from '../model/helm/restored-record.ts';
import type { Json } from '../model/json/json.ts';
import { toYaml } from '../model/json/yaml.ts';
import { displayName } from '../model/kubernetes/object.ts';
import type { BackupDocument, ObjectEntry, VerificationDocument } from '../model/records/backup-format.ts';
import { whyUnhealthy } from '../model/records/backup-health.ts';
import { summaryOf } from '../model/records/backup-summary.ts';
import {
  type ConfiguredSetting,
  configuredSettings,
  type WorkloadSettings,
} from '../model/settings/configured-settings.ts';
import { formatAge } from '../output/age.ts';
import { sizeInWords } from '../output/byte-size.ts';
import { printableLine, printableText } from '../output/printable.ts';
import { saidText, settingText } from '../output/setting-text.ts';
import { type Column, formatTable, type TableOptions } from '../output/table.ts';
import { sealedTo } from '../store/format/sealed-backup.ts';
import { signedInWords } from '../store/sign/signatures.ts';

/** A backup for a person: facts first, then objects, hooks, settings, values, notes. */
export function showText(
  shown: ShownBackup,
  now: Date,
  { wide, columns }: Pick<TableOptions, 'wide' | 'columns'>,
): string {
  const { document, values, notes, hooks, pods } = shown;
  const table = { wide, headers: true, columns: columns === undefined ? undefined : columns - INDENT.length };
  const sections = [
    factLines(shown, now),
    section('Objects', formatTable(document.objects, OBJECT_COLUMNS, table)),
    section('Hooks (kept, never run by a restore)', formatTable(hooks, HOOK_COLUMNS, table)),
    ...configuredSettings(pods, document.settings.differing, wide).map((each) =>
      settingsSection(each, table),
    ),
    section('Values', values === undefined || isEmpty(values) ? '' : toYaml(values)),
    section('Notes', printableText(notes ?? '')),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function factLines({ location, document, verification, signed }: ShownBackup, now: Date): string {
  const { cluster, namespace, release, id, helm, health, settings, files, tool, skipped, sealed } = document;
  const unhealthy = whyUnhealthy(summaryOf(document));
  const bytes = sizeInWords(files.reduce((sum, { size }) => sum + size, 0));
  const facts: [string, string][] = [
    ['Backup', `${release}@${id}${document.kind === 'safety' ? ' (safety backup, taken by a restore)' : ''}`],
    ...(document.note === undefined ? [] : [['Note', document.note] as [string, string]]),
    ['Location', location],
    [
      'Taken',
      `${since(document.startedAt, now)}, in ${document.durationMs} ms, by ${tool.name} ${tool.version}`,
    ],
    ['Cluster', `${cluster.name} (Kubernetes ${cluster.serverVersion}, context ${cluster.context})`],
    ['Namespace', namespace.name],
    ...(helm === undefined ? [] : helmFacts(helm)),
    ['Pods', `${health.podsReady} of ${health.podsWanted} ready`],
    ['Healthy', unhealthy.length === 0 ? 'yes' : `no: ${unhealthy.join('; ')}`],
    ...(settings.inShort === undefined ? [] : [['Settings', settings.inShort] as [string, string]]),
    ['Size', `${files.length} files, ${bytes}`],
    ...(sealed === undefined
      ? []
      : [['Sealed', sealedTo(sealed).replace('sealed ', '')] as [string, string]]),
    ['Complete', document.complete ? 'yes' : 'no'],
    ...skipped.map(({ what, why }): [string, string] => ['Not saved', `${what}: ${why}`]),
    ...health.drift.map((line): [string, string] => ['Drift', line]),
    ...(signed.status === 'none' ? [] : [['Signed', signedInWords(signed)] as [string, string]]),
    ['Verified', verification === undefined ? 'no' : verifiedText(verification, now)],
  ];
  const width = Math.max(...facts.map(([name]) => name.length)) + 1;
  return facts.map(([name, text]) => `${`${name}:`.padEnd(width)}  ${printableLine(text)}\n`).join('');
}

function helmFacts({
  chart,
  revision,
  status,
  revisions,
}: NonNullable<BackupDocument['helm']>): [string, string][] {
  const appVersion = chart.appVersion === undefined ? '' : ` (app version ${chart.appVersion})`;
  return [
    ['Chart', `${chart.name}-${chart.version}${appVersion}`],
    [
      'Helm',
      `revision ${revision}, ${status}; ${revisions.length === 0 ? 'its records were left out' : `the history holds ${revisions.join(', ')}`}`,
    ],
    ...((isBlocking({ status: status as HelmStatus })
      ? [
          [
            'Pending',
            'an operation of Helm was under way, or had been cut off; a restore writes it as failed',
          ],
        ]
      : []) as [string, string][]),
  ];
}

function verifiedText({ at, tool, unchecked }: VerificationDocument, now: Date): string {
  const not = [...new Set(unchecked.map(({ check }) => check))];
  return `${since(at, now)}, by ${tool.version}${not.length === 0 ? '' : `; not checked: ${not.join(', ')}`}`;
}

function since(moment: string, now: Date): string {
  return `${moment} (${formatAge(now.getTime() - Date.parse(moment))} ago)`;
}

const OBJECT_COLUMNS: Column<ObjectEntry>[] = [
  { header: 'OBJECT', cell: displayName },
  { header: 'ROLE', cell: ({ role }) => (role === 'recorded' ? 'not restored' : role) },
  { header: 'NAMESPACE', cell: ({ namespace }) => namespace ?? '', wide: true },
  { header: 'APIVERSION', cell: ({ apiVersion }) => apiVersion, wide: true },
  { header: 'RAW', cell: ({ raw }) => raw, wide: true },
  { header: 'FROM', cell: ({ from }) => from },
];

const HOOK_COLUMNS: Column<ShownBackup['hooks'][number]>[] = [
  { header: 'HOOK', cell: ({ name }) => name },
  { header: 'EVENTS', cell: ({ events }) => events.join(',') },
];

const SETTING_COLUMNS: Column<ConfiguredSetting>[] = [
  { header: 'SETTING', cell: ({ key }) => key },
  {
    header: 'CONFIGURED',
    cell: ({ key, configured }) => configured.map((value) => settingText(key, value)).join(' or '),
  },
  { header: 'PODS SAY', cell: ({ key, said }) => saidText(key, said) },
];

function settingsSection(
  { workload, pods, versions, settings }: WorkloadSettings,
  table: TableOptions,
): string {
  const answered = pods.filter(({ stats }) => stats !== undefined).length;
  const memcached = versions.length === 0 ? '' : `, memcached ${versions.join(' and ')}`;
  const silent = pods
    .filter(({ stats }) => stats === undefined)
    .map(({ name, error }) => `pod/${name} did not answer: ${error ?? 'nobody knows why'}\n`);
  return section(
    `Settings of ${workload} (${answered} of ${pods.length} pods answered${memcached})`,
    (settings.length === 0 ? 'No argument sets any; -o wide shows what the pods say.\n' : '') +
      formatTable(settings, SETTING_COLUMNS, { ...table, wide: false }) +
      silent.map((line) => `${printableLine(line.trimEnd())}\n`).join(''),
  );
}

const INDENT = '  ';

function section(title: string, body: string): string {
  if (body.trim() === '') return '';
  const lines = body.trimEnd().split('\n');
  return `${printableLine(title)}:\n${lines.map((line) => (line === '' ? '\n' : `${INDENT}${line}\n`)).join('')}`;
}

function isEmpty(values: Json): boolean {
  return typeof values === 'object' && values !== null && Object.keys(values).length === 0;
}
