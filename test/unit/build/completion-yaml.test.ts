import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { completionYaml } from '../../../scripts/build/completion-yaml.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';

const ROOT = join(import.meta.dirname, '../../..');

interface Command {
  name: string;
  flags?: string[];
  validArgs?: string[];
  commands?: Command[];
}

describe("Helm's completion.yaml", () => {
  test('is what the commands make of it: npm run build writes it', () => {
    assert.equal(readFileSync(join(ROOT, 'completion.yaml'), 'utf8'), completionYaml());
  });

  test('names every command and flag, and nothing that YAML 1.1 takes for a boolean', () => {
    const { commands } = parse(completionYaml(), { version: '1.1' }) as { commands: Command[] };
    const all = commands.flatMap(
      (each) => each.commands?.map((inner) => ({ ...inner, name: `${each.name} ${inner.name}` })) ?? [each],
    );
    const shown = COMMANDS.filter(({ hidden }) => hidden !== true);
    assert.deepEqual(all.map(({ name }) => name).sort(), shown.map(({ name }) => name).sort());
    for (const { name, flags = [] } of all) {
      assert.ok(
        flags.every((flag) => typeof flag === 'string'),
        name,
      );
      // Helm panics at a letter of its own.
      assert.ok(!flags.includes('n') && !flags.includes('h'), name);
    }
    const restore = all.find(({ name }) => name === 'restore');
    for (const flag of ['yes', 'y', 'o', 'store', 'dry-run']) assert.ok(restore?.flags?.includes(flag), flag);
    const completion = all.find(({ name }) => name === 'completion');
    assert.deepEqual(completion?.validArgs, ['bash', 'zsh', 'fish', 'powershell', 'install']);
  });

  test('plugin.complete is a program of two lines that is silent', () => {
    const file = join(ROOT, 'plugin.complete');
    assert.equal(statSync(file).mode & 0o111, 0o111);
    const [interpreter, command, end] = readFileSync(file, 'utf8').split('\n');
    assert.equal(interpreter, '#!/bin/sh');
    assert.match(command ?? '', /__complete "\$@" 2>\/dev\/null \|\| echo :4$/);
    assert.equal(end, '');
  });
});
