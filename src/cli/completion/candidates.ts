import type { Named } from '../../completion/live-names.ts';
import type { StoredKind } from '../../completion/stored-names.ts';
import { splitNamespace } from '../../model/records/backup-selector.ts';
import { backupCandidates } from './backup-candidates.ts';
import { type Answer, type Candidate, Directive, FILES, FOLDERS, NOTHING } from './candidate.ts';
import type { CommandTable, TableCommand, TableFlag } from './command-table.ts';
import type { Cursor } from './cursor.ts';
import { releaseCandidates } from './release-candidates.ts';
import type { Sources } from './sources.ts';

/** What may stand at the cursor. @param byHelm completes flags itself, from completion.yaml. */
export async function answerAt(
  cursor: Cursor,
  table: CommandTable,
  sources: Sources,
  byHelm: boolean,
): Promise<Answer> {
  const { typing } = cursor;
  if (typing.what === 'value') return valueAnswer(typing, cursor, table, sources);
  if (typing.what === 'flag') return byHelm ? NOTHING : only(flagCandidates(cursor, table));
  if (cursor.command === undefined) return only(commandCandidates(cursor, table));
  return wordAnswer(cursor.command, typing.text, cursor, { table, sources });
}

/** As they are, in the shell's own order. */
function only(candidates: readonly Candidate[]): Answer {
  return { candidates, directive: Directive.noFiles };
}

function inOrder(candidates: readonly Candidate[]): Answer {
  return { candidates, directive: Directive.noFiles | Directive.keepOrder };
}

/** The commands that there are; of a group, their second words. */
function commandCandidates({ group, words }: Cursor, { commands, groups }: CommandTable): Candidate[] {
  if (group !== undefined) {
    const ofGroup = commands.filter(({ name }) => name.startsWith(`${group} `));
    return ofGroup.map(({ name, summary }) => ({
      value: name.slice(group.length + 1),
      description: summary,
    }));
  }
  if (words.length > 0) return [];
  const lines = commands.map(({ name, summary }): [string, string] => {
    const [first = ''] = name.split(' ');
    return [first, name === first ? summary : (groups[first] ?? '')];
  });
  return [...new Map(lines)].map(([value, description]) => ({ value, description }));
}

/** Flags that the command takes and that may still be given. */
function flagCandidates({ command, given }: Cursor, { everywhere }: CommandTable): Candidate[] {
  return [...(command?.flags ?? []), ...everywhere]
    .filter(({ name, type, hidden }) => hidden !== true && (type === 'list' || !given.has(name)))
    .map(({ name, describe }) => ({ value: `--${name}`, description: describe }));
}

/** Where a flag's value is the name of something in the cluster, by what help calls it. */
const OBJECTS: Readonly<Record<string, Named>> = {
  NAMESPACE: 'namespaces',
  POD: 'pods',
  SECRET: 'secrets',
  CONFIGMAP: 'configMaps',
  ACCOUNT: 'serviceAccounts',
  CLASS: 'storageClasses',
  CRONJOB: 'cronJobs',
  JOB: 'runs',
};

const WORDS: readonly Candidate[] = [
  { value: 'latest', description: 'The newest complete backup' },
  { value: 'previous', description: 'The one before' },
  { value: 'healthy', description: 'The newest at which the release was up' },
];

async function valueAnswer(
  { flag, text }: { flag: TableFlag; text: string },
  cursor: Cursor,
  { codes }: CommandTable,
  sources: Sources,
): Promise<Answer> {
  const value = flag.value ?? '';
  if (flag.type === 'boolean') return only(plain(['true', 'false']));
  if (flag.choices !== undefined) return only(listed(flag, text, plain(flag.choices)));
  if (value === 'CODE')
    return only(
      listed(
        flag,
        text,
        codes.map(([code, title]) => ({ value: code, description: title })),
      ),
    );
  if (value.startsWith('FILE')) return FILES;
  if (value === 'DIR|URL') return storeAnswer(text, sources);
  if (value === 'ZONE') return only(plain(Intl.supportedValuesOf('timeZone')));
  const named = await namedBy(flag, cursor, text, sources);
  return named ?? NOTHING;
}

/** Values that names of the cluster, of the store or of the kubeconfig are; undefined for others. */
async function namedBy(
  { name, value = '' }: TableFlag,
  { command, words }: Cursor,
  text: string,
  sources: Sources,
): Promise<Answer | undefined> {
  const [first = ''] = words;
  const { namespace, name: release } = splitNamespace(first);
  const place = { release: release.replace(/@.*/s, ''), namespace };
  if (name === 'namespace') return only(plain(await sources.named('namespaces')));
  if (name === 'context')
    return only(
      (await sources.contexts()).map(({ name: context, cluster, namespace: of }) => ({
        value: context,
        description: `cluster ${cluster}${of === undefined ? '' : `, namespace ${of}`}`,
      })),
    );
  if (name === 'cluster' || name === 'user') return only(plain(await sources.configured(`${name}s`)));
  if (name === 'cluster-name') return only(plain(await (await sources.store()).clusters()));
  if (name === 'name' && command !== undefined) return only(plain(await sources.named('schedules')));
  if (name === 'to' && value === 'WHAT')
    return inOrder([...WORDS, ...(await backupCandidates({ ...place, kind: 'backups' }, sources))]);
  if (name === 'against') return inOrder(await againstCandidates(text, place, sources));
  if (name === 'from') return named(text, 'snapshots', { words: [], sources });
  const objects = Object.hasOwn(OBJECTS, value) ? OBJECTS[value] : undefined;
  return objects === undefined ? undefined : only(plain(await sources.named(objects)));
}

/** `@ID`, of the same release, and RELEASE@ID. */
async function againstCandidates(
  text: string,
  place: { release: string; namespace: string | undefined },
  sources: Sources,
): Promise<Candidate[]> {
  const release = text.replace(/@.*/s, '') || place.release;
  const before = text.includes('@') && !text.startsWith('@') ? `${release}@` : '@';
  const ids = [...WORDS, ...(await backupCandidates({ ...place, release, kind: 'backups' }, sources))];
  return ids.map(({ value, ...rest }) => ({ value: `${before}${value}`, ...rest }));
}

/** A folder; or a store far away, as soon as what is typed fits one. */
async function storeAnswer(text: string, sources: Sources): Promise<Answer> {
  const known = text === '' ? [] : (await sources.knownStores()).filter((each) => each.startsWith(text));
  return known.length > 0 ? only(plain(known)) : FOLDERS;
}

/** Of a list with commas, what comes after the last of them; what is in it already is left out. */
function listed({ commas }: TableFlag, text: string, candidates: readonly Candidate[]): Candidate[] {
  const end = commas === true ? text.lastIndexOf(',') + 1 : 0;
  const before = text.slice(0, end);
  const said = before.split(',');
  return candidates
    .filter(({ value }) => !said.includes(value))
    .map(({ value, ...rest }) => ({ value: `${before}${value}`, ...rest }));
}

function plain(values: readonly string[]): Candidate[] {
  return values.map((value) => ({ value }));
}

/** What one of the command's own words may be. */
async function wordAnswer(
  command: TableCommand,
  text: string,
  { words, given }: Cursor,
  { table, sources }: { table: CommandTable; sources: Sources },
): Promise<Answer> {
  const about = { words, allNamespaces: given.get('all-namespaces')?.at(-1) === 'true', sources };
  if (command.arguments[0] === 'COMMAND') return permissionsAnswer(command, text, about, table);
  const argument = argumentAt(command.arguments, words.length);
  return argument === undefined ? NOTHING : argumentAnswer(command, argument, text, about);
}

interface AboutWords {
  words: readonly string[];
  allNamespaces?: boolean;
  sources: Sources;
}

async function argumentAnswer(
  command: TableCommand,
  argument: string,
  text: string,
  about: AboutWords,
): Promise<Answer> {
  if (argument.includes('RELEASE[@ID]'))
    return named(text, command.name === 'undo' ? 'restores' : 'backups', about);
  if (argument.includes('RELEASE')) return only(await releaseCandidates(text, about));
  if (argument.startsWith('FILE')) return FILES;
  if (argument.includes('|')) return only(plain(argument.replaceAll(/[[\]]/g, '').split('|')));
  return NOTHING;
}

/** What is at `index`; the last one may repeat. */
function argumentAt(words: readonly string[], index: number): string | undefined {
  return words[index] ?? (words.at(-1)?.includes('...') === true ? words.at(-1) : undefined);
}

/** RELEASE, and from "@" on its ids. */
async function named(text: string, kind: StoredKind, about: AboutWords): Promise<Answer> {
  const at = text.indexOf('@');
  if (at < 0) return only(await releaseCandidates(text, about));
  const before = text.slice(0, at + 1);
  const { namespace, name: release } = splitNamespace(text.slice(0, at));
  const ids = await backupCandidates({ release, namespace, kind }, about.sources);
  const words = kind === 'backups' ? WORDS : kind === 'snapshots' ? WORDS.slice(0, 1) : [];
  return inOrder([...words, ...ids].map(({ value, ...rest }) => ({ value: `${before}${value}`, ...rest })));
}

/** `permissions COMMAND [RELEASE[@ID]]`, whose command may be of two words. */
async function permissionsAnswer(
  command: TableCommand,
  text: string,
  about: AboutWords,
  { permissionCommands }: CommandTable,
): Promise<Answer> {
  const said = about.words.join(' ');
  if (about.words.length === 0)
    return only(plain([...new Set(permissionCommands.map((name) => name.split(' ')[0] ?? ''))]));
  const seconds = permissionCommands.filter((name) => name.startsWith(`${said} `));
  if (seconds.length > 0) return only(plain(seconds.map((name) => name.slice(said.length + 1))));
  const ofRelease = permissionCommands.includes(said) ? command.arguments[1] : undefined;
  return ofRelease === undefined
    ? NOTHING
    : argumentAnswer(command, ofRelease, text, { ...about, words: [] });
}
