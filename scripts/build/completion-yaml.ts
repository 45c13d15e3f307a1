import { commandTable, type TableCommand } from '../../src/cli/completion/command-table.ts';

/** Flags that Helm has itself (helm.sh/helm/v3/pkg/cli, EnvSettings.AddFlags): it knows what to do with them. */
const HELMS_OWN = ['namespace', 'n', 'kubeconfig', 'debug', 'help', 'h', 'version'];

/** What Helm completes without asking this program (helm.sh/docs/topics/plugins, "Static Auto-completion"): completion.yaml. */
export function completionYaml(): string {
  const { commands } = commandTable();
  const single = commands.filter(({ name }) => !name.includes(' '));
  const groups = [
    ...new Set(commands.filter(({ name }) => name.includes(' ')).map(({ name }) => first(name))),
  ];
  const lines = [
    '# Written by `npm run build` from the commands that there are. Every name stands in quotes: YAML 1.1, which Helm reads, takes',
    '# yes, no, y, n, on and off for booleans.',
    'name: "memcached-backup"',
    'commands:',
    ...single.flatMap((command) => commandLines(command.name, command, '  ')),
    ...groups.flatMap((group) => [
      `  - name: ${JSON.stringify(group)}`,
      '    commands:',
      ...commands
        .filter(({ name }) => name.startsWith(`${group} `))
        .flatMap((command) => commandLines(command.name.slice(group.length + 1), command, '      ')),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function first(name: string): string {
  return name.slice(0, name.indexOf(' '));
}

function commandLines(name: string, { flags, arguments: words }: TableCommand, indent: string): string[] {
  const names = flags
    .filter(({ hidden }) => hidden !== true)
    .flatMap((flag) => [flag.name, ...(flag.short === undefined ? [] : [flag.short])])
    .filter((each) => !HELMS_OWN.includes(each));
  const choices = words.filter((word) => word.includes('|')).flatMap((word) => word.split('|'));
  return [
    `${indent}- name: ${JSON.stringify(name)}`,
    ...(names.length === 0 ? [] : [`${indent}  flags: [${quoted(names)}]`]),
    ...(choices.length === 0 ? [] : [`${indent}  validArgs: [${quoted(choices)}]`]),
  ];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}
