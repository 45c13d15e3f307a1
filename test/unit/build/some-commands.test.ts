import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PROGRAMS, programOf } from '../../../scripts/build/programs.ts';
import { known } from '../../../scripts/build/some-commands.ts';
import type { CommandSpec } from '../../../src/cli/command-spec.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { parseCommandLine } from '../../../src/cli/parse-command-line.ts';

/** What becomes of a line: what was read, or what was said. */
function read(line: string, commands: readonly CommandSpec[]): unknown {
  try {
    const { command, words, values } = parseCommandLine(line.split(' '), commands, []);
    const flags = COMMANDS.flatMap((each) => each.flags).map(({ name }) => [name, values.list(name)]);
    return { command: command?.name, words, flags };
  } catch (error) {
    return { message: (error as Error).message, next: Object(error).next };
  }
}

describe('a program that holds a few commands', () => {
  for (const [program, names] of Object.entries(PROGRAMS)) {
    const commands = COMMANDS.map((each) =>
      names.includes(each.name) ? each : (known(each) as CommandSpec),
    );
    test(`${program} reads a line of them, and says what is wrong with one, as all of them together do`, () => {
      for (const name of names) {
        const own = COMMANDS.find((each) => each.name === name);
        assert.ok(own !== undefined && !name.includes(' '), name);
        const flags = [...new Set(COMMANDS.flatMap((each) => each.flags).map((flag) => flag.name))];
        const lines = [
          ...flags.map((flag) => `${name} cart --${flag} json b`),
          `${name} cart --stores x`,
          ...'abcdefghijklmnopqrstuvwxyzA'.split('').map((letter) => `${name} -${letter} 1 cart`),
          `${name} a b c d`,
          `${name} ${name}`,
          `${name} cart -- --store`,
        ];
        for (const line of lines) assert.deepEqual(read(line, commands), read(line, COMMANDS), line);
      }
    });
  }
});

test('a line is for the program of its first word; where that is no command, for the one that has all', () => {
  assert.equal(programOf(['backup', 'cart']), 'backup');
  assert.equal(programOf(['undo']), 'restore');
  for (const line of [[], ['-n', 'backup', 'list'], ['schedule', 'status'], ['help', 'backup'], ['toString']])
    assert.equal(programOf(line), 'main', line.join(' '));
});
