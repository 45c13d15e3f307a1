import type { Plugin } from 'esbuild';
import type { CommandSpec } from '../../src/cli/command-spec.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { Flag } from '../../src/cli/flag.ts';

/** What reading a command line takes of a command that another script runs: so a flag of its own is told from one that nobody has. */
export function known({ name, flags, hidden }: CommandSpec): Pick<CommandSpec, 'name' | 'flags' | 'hidden'> {
  return { name, flags: flags.map(readable), ...(hidden === true ? { hidden } : {}) };
}

function readable({ name, short, type, bare, means, hidden }: Flag): Flag {
  // JSON leaves out what is undefined.
  return JSON.parse(JSON.stringify({ name, short, type, bare, means, hidden, describe: '' }));
}

/** Has a script hold these commands, of one word each, and no others: of those it knows name and flags. */
export function someCommands(names: readonly string[]): Plugin {
  return {
    name: 'some-commands',
    setup: ({ onLoad }) => {
      onLoad({ filter: /src\/cli\/commands\.ts$/ }, ({ path }) => {
        const others = COMMANDS.filter(({ name }) => !names.includes(name)).map(known);
        const order = COMMANDS.map(({ name }) =>
          names.includes(name)
            ? `${name}Command`
            : `others[${others.findIndex((each) => each.name === name)}]`,
        );
        const contents = [
          ...names.map((name) => `import { ${name}Command } from './commands/${name}.ts';`),
          `const others = JSON.parse(${JSON.stringify(JSON.stringify(others))});`,
          `export const COMMANDS = [${order.join(', ')}];`,
        ].join('\n');
        return { contents, loader: 'ts', resolveDir: path.slice(0, path.lastIndexOf('/')) };
      });
    },
  };
}
