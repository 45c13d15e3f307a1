import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { GLOBAL_FLAGS } from '../../../src/cli/common-flags.ts';
import { CONNECTION_FLAGS } from '../../../src/cli/connection-flags.ts';
import { HELM_FLAGS } from '../../../src/cli/helm-environment.ts';
import { type CommandLine, parseCommandLine } from '../../../src/cli/parse-command-line.ts';
import { UsageError } from '../../../src/errors/tool-error.ts';
import { spelled } from '../spelled.ts';

const parse = (line: string, byHelm = false): CommandLine =>
  parseCommandLine(line === '' ? [] : line.split(' '), COMMANDS, byHelm ? HELM_FLAGS : []);

describe('flags may stand anywhere', () => {
  for (const line of [
    '-n cache list my-memcached -ojson',
    'list -ncache -o json my-memcached',
    'list my-memcached --namespace=cache --output json',
  ]) {
    test(line, () => {
      const { command, words, values } = parse(line);
      assert.equal(command?.name, 'list');
      assert.deepEqual(words, ['my-memcached']);
      assert.equal(values.text('namespace'), 'cache');
      assert.equal(values.text('output'), 'json');
    });
  }
});

test('a command of two words, and the first of them alone', () => {
  const { command, words, values } = parse('schedule -n cache render my-memcached');
  assert.equal(command?.name, 'schedule render');
  assert.deepEqual(words, ['my-memcached']);
  assert.equal(values.text('namespace'), 'cache');
  const group = parse('schedule');
  assert.equal(group.command, undefined);
  assert.equal(group.group, 'schedule');
  assert.throws(() => parse('schedule render --include-gone'), /schedule render has no flag --include-gone/);
});

test('the last of a repeated flag counts, but a list keeps all in order', () => {
  const { values } = parse('list -n a -n b --as-group x --as-group y,z');
  assert.equal(values.text('namespace'), 'b');
  assert.deepEqual(values.list('as-group'), ['x', 'y,z']);
});

test('several areas or codes may stand in one value, and each is checked', () => {
  const { values } = parse('doctor --only rollout,cache --only access --ignore MB201,MB551');
  assert.deepEqual(values.list('only'), ['rollout', 'cache', 'access']);
  assert.deepEqual(values.list('ignore'), ['MB201', 'MB551']);
  assert.throws(() => parse('doctor --only rollout,cash'), /"cash" is not a value for --only/);
});

test("a cluster's name that could not be its folder is refused, whatever the command", () => {
  const commands = COMMANDS.filter(({ flags = [] }) => flags.some(({ name }) => name === 'cluster-name'));
  assert.ok(commands.length > 5);
  for (const { name, arguments: words } of commands) {
    const operands = words.map(() => 'backup').join(' ');
    for (const odd of ['a/b', '../x', '-', 'x.', 'a'.repeat(254)]) {
      assert.throws(
        () => parse(`${name} ${operands} --cluster-name=${odd}`),
        (error) =>
          error instanceof UsageError && error.message.includes(`"${odd}" is not a value for --cluster-name`),
      );
    }
    assert.equal(
      parse(`${name} ${operands} --cluster-name Prod_1.eu`).values.text('cluster-name'),
      'Prod_1.eu',
    );
  }
});

test('words that look like numbers and booleans stay as they are', () => {
  assert.deepEqual(parse('list 007').words, ['007']);
  assert.deepEqual(parse('restore --yes true').words, ['true']);
  assert.equal(parse('restore --yes true').values.isSet('yes'), true);
  assert.equal(parse('restore x --yes=false').values.isSet('yes'), false);
});

test('a flag that is given empty is as good as not given, where nothing depends on it', () => {
  const { values } = parse('restore x --store= --context= -n= --on-failure=');
  for (const name of ['store', 'context', 'namespace', 'on-failure'])
    assert.equal(values.text(name), undefined, name);
});

test('quotes that the shell left in a value are part of it', () => {
  for (const store of ['"x"', "'x'", '"', "''", '""x""', '$1', 'a=b'])
    assert.equal(parse(`list --store=${store}`).values.text('store'), store);
  assert.deepEqual(parse('list -- --store="x"').words, ['--store="x"']);
});

test('words after -- are arguments', () => {
  assert.deepEqual(parse('list -- my-memcached').words, ['my-memcached']);
});

test('help is asked for by flag or word, with or without a command, also where arguments are missing', () => {
  for (const line of ['--help', '-h', 'help']) {
    assert.equal(parse(line).command, undefined);
    assert.equal(parse(line).values.isSet('help'), true, line);
  }
  for (const line of ['restore --help', 'restore -h', 'help restore', '--help restore']) {
    assert.equal(parse(line).command?.name, 'restore');
    assert.equal(parse(line).values.isSet('help'), true, line);
  }
});

describe('a command line that makes no sense is refused with the next command to type', () => {
  const cases: [string, RegExp, string][] = [
    ['lst', /unknown command "lst" \(did you mean list\?\)/, 'kubectl memcached-backup list --help'],
    [
      'schedule rendr',
      /unknown command "schedule rendr" \(did you mean schedule render\?\)/,
      'kubectl memcached-backup schedule render --help',
    ],
    ['schedule xyzzy', /unknown command "schedule xyzzy"$/, 'kubectl memcached-backup schedule --help'],
    ['schedul', /\(did you mean schedule\?\)/, 'kubectl memcached-backup schedule --help'],
    ['xyzzy', /unknown command "xyzzy"$/, 'kubectl memcached-backup --help'],
    ['restore', /restore needs RELEASE\[@ID\]/, 'kubectl memcached-backup restore --help'],
    ['list a b', /list takes only \[RELEASE\], and not "b"$/, 'kubectl memcached-backup list --help'],
    [
      'restore cart 20261122T101500Z --yes',
      /restore takes only RELEASE\[@ID\], and not "20261122T101500Z" \(did you mean cart@20261122T101500Z\?\)$/,
      'kubectl memcached-backup restore --help',
    ],
    ['diff cart @previous', /\(did you mean cart@previous\?\)$/, 'kubectl memcached-backup diff --help'],
    [
      'copy a b 20261122T101500Z-2 --to x',
      /and not "20261122T101500Z-2" \(did you mean b@20261122T101500Z-2\?\)$/,
      'kubectl memcached-backup copy --help',
    ],
    [
      'export cart 20261122T101500Z file.tar.gz',
      /\(did you mean cart@20261122T101500Z\?\)$/,
      'kubectl memcached-backup export --help',
    ],
    ['version x', /version takes no argument "x"$/, 'kubectl memcached-backup version --help'],
    [
      'list --all',
      /list has no flag --all \(did you mean --all-namespaces\?\)$/,
      'kubectl memcached-backup list --help',
    ],
    ['restore x --all', /restore has no flag --all$/, 'kubectl memcached-backup restore --help'],
    ['status --foo', /unknown flag: --foo$/, 'kubectl memcached-backup status --help'],
    [
      'status --ouptut x',
      /unknown flag: --ouptut \(did you mean --output\?\)$/,
      'kubectl memcached-backup status --help',
    ],
    ['list --yes', /list has no flag --yes/, 'kubectl memcached-backup list --help'],
    [
      'list -oxml',
      /"xml" is not a value for --output \(expected table, wide, json, yaml, name\)/,
      'kubectl memcached-backup list --help',
    ],
    [
      'restore x --dry-run=maybe',
      /"maybe" is not a value for --dry-run/,
      'kubectl memcached-backup restore --help',
    ],
    ['restore x --dry-run= --yes', /^--dry-run is empty/, 'kubectl memcached-backup restore --help'],
    ['restore x --yes --into=', /^--into is empty/, 'kubectl memcached-backup restore --help'],
    ['restore x --yes=maybe', /"maybe" is not a value for --yes/, 'kubectl memcached-backup restore --help'],
    ['list --kube-context a', /unknown flag: --kube-context/, 'kubectl memcached-backup list --help'],
  ];
  for (const [line, message, next] of cases) {
    test(line, () => {
      assert.throws(
        () => parse(line),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, message);
          assert.equal(spelled(error.next), next);
          return true;
        },
      );
    });
  }
});

test("Helm's own flags are accepted from Helm, and those that mean ours count as ours", () => {
  const { command, values } = parse(
    '--burst-limit 100 --qps=5 --color never --kube-context prod list --kube-insecure-skip-tls-verify',
    true,
  );
  assert.equal(command?.name, 'list');
  assert.equal(values.text('context'), 'prod');
  assert.equal(values.isSet('insecure-skip-tls-verify'), true);
});

test('a name means the same flag on every command, if with other formats of output', () => {
  const seen = new Map<string, unknown>();
  for (const flag of [
    ...GLOBAL_FLAGS,
    ...CONNECTION_FLAGS,
    ...HELM_FLAGS,
    ...COMMANDS.flatMap((command) => command.flags),
  ]) {
    const choices = flag.name === 'output' ? undefined : flag.choices;
    const meaning = { short: flag.short, type: flag.type, bare: flag.bare, choices };
    assert.deepEqual(seen.get(flag.name) ?? meaning, meaning, flag.name);
    seen.set(flag.name, meaning);
  }
});
