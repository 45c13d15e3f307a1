import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestCluster } from '../../../cluster/cluster.ts';
import { BINARY, type Cli } from '../cli.ts';
import { describe, expectCode, type Outcome, run, SHORT_LIVED_GO } from '../process.ts';
import type { Fixture } from '../release.ts';
import { commandLine, type Words } from './command-line.ts';
import type { Diagnosis } from './diagnosis.ts';

/** The connection that a person names on the command line. */
export interface Connection {
  kubeconfig: string;
  context: string;
}

/** The one that a test's tool has by its environment. */
export function connectionOf({ env }: Pick<Cli, 'env'>): Connection {
  const kubeconfig = env.KUBECONFIG!;
  const context = /"?current-context"?:\s*"?([^"\s,}]+)/.exec(readFileSync(kubeconfig, 'utf8'))?.[1];
  assert.ok(context, `${kubeconfig} names no current context`);
  return { kubeconfig, context };
}

/** "--kubeconfig FILE --context NAME" */
export function connectionFlags({ kubeconfig, context }: Connection): string[] {
  return ['--kubeconfig', kubeconfig, '--context', context];
}

export interface PasteOptions {
  /** Whose fixes take somebody else's permissions: they are tried with this kubeconfig. */
  mendedWith?: string;
  /** Lines about what a fault only pretends: they are not tried. */
  pretended?: RegExp | undefined;
}

/** Shapes of commands that were tried in this file, by the code that printed them. */
const tried = new Set<string>();

/**
 * Every command of a diagnosis leads to the cluster that the person named, parses, and works: one to look with as it is, one
 * that mends as a dry run, and one with a gap in it is refused. A shape of a command is tried once a code. Pasted into a shell that knows
 * no cluster.
 * @param diagnosis of a doctor that was given `connectionFlags` of the same fixture.
 */
export async function assertPasteable(
  { findings }: Diagnosis,
  { cli, namespace, name }: Fixture,
  cluster: TestCluster,
  { mendedWith, pretended }: PasteOptions = {},
): Promise<void> {
  const connection = connectionOf(cli);
  using shell = aStrangersShell(cluster, cli);
  for (const { code, look, fix } of findings) {
    for (const line of [...look, ...fix]) assertLeads(line, connection, code);
    await assertParses([...look, ...fix], code);
    const isNew = (line: string): boolean => {
      const shape = shapeOf(line, [namespace, name]);
      const key = `${code} ${shape}`;
      if (shape === undefined || tried.has(key) || pretended?.test(line)) return false;
      tried.add(key);
      return true;
    };
    for (const line of look.filter(isNew)) {
      const command = commandOf(line)!;
      const outcome = await shell.run(isEndless(command) ? `timeout 3 ${command}` : command);
      assert.ok(looked(line, outcome), `look of ${code}: ${describe(outcome)}`);
    }
    for (const line of fix.filter(isNew)) {
      const command = dryRun(commandOf(line)!);
      if (command === undefined) continue;
      const outcome = await shell.run(
        mendedWith === undefined ? command : command.replaceAll(connection.kubeconfig, mendedWith),
      );
      const isRefused = /<[^>]+>/.test(line);
      assert.equal(worked(line, outcome), !isRefused, `fix of ${code}: ${describe(outcome)}`);
    }
  }
}

/** Types a command as it is printed. @throws Error where it does not work. */
export async function paste(
  line: string,
  { cli }: Pick<Fixture, 'cli'>,
  cluster: TestCluster,
): Promise<Outcome> {
  using shell = aStrangersShell(cluster, cli);
  return expectCode(await shell.run(line));
}

/** The same findings as of a doctor that was given no connection. */
export function withoutConnection<T extends Pick<Diagnosis, 'findings'>>(diagnosis: T, cli: Cli): T {
  const { kubeconfig, context } = connectionOf(cli);
  const given = [` --kubeconfig ${kubeconfig}`, ` --context ${context}`, ` --kube-context ${context}`];
  const plain = (lines: string[]): string[] =>
    lines.map((line) => given.reduce((text, flags) => text.replaceAll(flags, ''), line));
  const findings = diagnosis.findings.map((each) => ({
    ...each,
    look: plain(each.look),
    fix: plain(each.fix),
  }));
  return { ...diagnosis, findings };
}

/** Programs that a line begins with; any other line is words, with a command after a colon perhaps. */
const PROGRAMS =
  /^(?:kubectl|helm|kubectl-memcached_backup|echo|date|ls|df|stat|chmod|rm|mkdir|mount|git|aws|ssh-keygen|ssh-keyscan) /;

function commandOf(line: string): string | undefined {
  if (PROGRAMS.test(line)) return line;
  const [, after] = /: (.+)$/.exec(line) ?? [];
  return after !== undefined && PROGRAMS.test(after) ? after : undefined;
}

const isTool = ([program, plugin]: Words): boolean =>
  (program === 'kubectl' || program === 'helm') && plugin === 'memcached-backup';

/** Verbs by which a command within words is known. */
const VERB =
  /\b(kubectl|helm) (?:memcached-backup )?(?:get|describe|patch|create|delete|apply|set|logs|rollout|label|rollback|history|backup|restore|undo|list|show|verify|doctor|schedule|permissions|prune)\b/;

/** @throws AssertionError where a command in it does not name the connection. */
export function assertLeads(line: string, { kubeconfig, context }: Connection, code: string): void {
  const command = commandOf(line);
  if (command === undefined) {
    assert.doesNotMatch(line, VERB, `${code}: a command without the connection's flags within words`);
    return;
  }
  for (const words of commandLine(command).commands.filter(([program]) =>
    /^(?:kubectl|helm)$/.test(program!),
  )) {
    const flag = words[0] === 'helm' && !isTool(words) ? '--kube-context' : '--context';
    for (const [name, value] of [
      [flag, context],
      ['--kubeconfig', kubeconfig],
    ] as const) {
      const at = words.indexOf(name);
      assert.ok(at > 0 && words[at + 1] === value, `${code}: no ${name} ${value} in: ${line}`);
    }
  }
}

async function assertParses(lines: readonly string[], code: string): Promise<void> {
  for (const line of lines.flatMap((each) => commandOf(each) ?? [])) {
    const outcome = await run('bash', ['-n'], { input: line });
    assert.equal(outcome.code, 0, `${code}: ${line}\n${outcome.stderr}`);
  }
}

/** Its programs, verbs and flags, without what they are about; undefined where it is no command. */
function shapeOf(line: string, names: readonly string[]): string | undefined {
  const command = commandOf(line);
  if (command === undefined) return undefined;
  const shape = commandLine(command).commands.map((words) => {
    const own = words.filter((word) => !names.includes(word));
    const verbs = own.filter((word) => /^[a-z-]+$/.test(word) && !word.startsWith('-')).slice(0, 4);
    const flags = own.filter((word) => word.startsWith('-')).map((word) => word.split('=')[0]);
    return [...verbs, ...flags].join(' ');
  });
  return shape.join(' | ');
}

/** Verbs of kubectl that take `--dry-run=server`. */
const HAS_DRY_RUN = new Set([
  ...[
    'annotate',
    'apply',
    'autoscale',
    'cordon',
    'create',
    'delete',
    'drain',
    'expose',
    'label',
    'patch',
    'replace',
  ],
  ...['scale', 'set', 'taint', 'uncordon'],
]);

/** Undefined where there is none: what has no dry run is tried where a test mends with it. */
function dryRun(command: string): string | undefined {
  let isDry = false;
  const rewritten = commandLine(command).rewritten((words) => {
    const verbs = verbsOf(words);
    if (verbs.some((word) => word === '--dry-run')) return words;
    const flag = dryRunFlag(words, verbs);
    isDry ||= flag !== undefined;
    return flag === undefined ? words : [...words, flag];
  });
  const [first] = commandLine(command).commands;
  return isDry || isHarmless(first!) ? rewritten : undefined;
}

/** What takes a backup, or opens an editor that changes nothing, is tried as it is. */
function isHarmless(words: Words): boolean {
  const [verb = ''] = verbsOf(words);
  return isTool(words) ? ['backup', 'verify'].includes(verb) : words[0] === 'kubectl' && verb === 'edit';
}

/** A backup that is saved, and lacks what a fault took away, is one. */
function worked(line: string, { code }: Outcome): boolean {
  const [first] = commandLine(commandOf(line)!).commands;
  return code === 0 || (code === 5 && isTool(first!) && verbsOf(first!)[0] === 'backup');
}

function dryRunFlag(words: Words, [verb = '', object = '']: Words): string | undefined {
  if (isTool(words)) {
    const has = ['restore', 'prune'].includes(verb) || (verb === 'schedule' && object === 'install');
    return has ? '--dry-run' : undefined;
  }
  if (words[0] === 'helm')
    return ['rollback', 'uninstall', 'upgrade'].includes(verb) ? '--dry-run' : undefined;
  if (words[0] !== 'kubectl') return undefined;
  const has = HAS_DRY_RUN.has(verb) || (verb === 'rollout' && object === 'undo');
  return has ? '--dry-run=server' : undefined;
}

/** What follows the program and the flags of the connection, other flags and their values left out. */
function verbsOf(words: Words): Words {
  const verbs: Words = [];
  for (let at = isTool(words) ? 2 : 1; at < words.length; at++) {
    if (['--context', '--kube-context', '--kubeconfig', '-n'].includes(words[at]!)) at++;
    else if (!words[at]!.startsWith('-')) verbs.push(words[at]!);
  }
  return verbs;
}

/** What goes on until somebody ends it. */
function isEndless(command: string): boolean {
  return / port-forward | rollout status | (?:-w|--watch|--follow)(?: |$)| logs .* -f(?: |$)/.test(command);
}

/** The tool's own looks answer with their exit code too: 1 for what is missing, or not sound, 3 for what differs; kubectl diff with 1. */
function looked(line: string, { code, stderr }: Outcome): boolean {
  const [first] = commandLine(commandOf(line)!).commands;
  if (code === 127 && /not found/.test(stderr)) return !/^(?:kubectl|helm)$/.test(first![0]!);
  // The test cluster has no metrics-server, and what is endless was ended.
  if (/Metrics API not available/.test(stderr) || (code === 124 && isEndless(line))) return true;
  const answers = isTool(first!) ? [0, 1, 3] : / diff /.test(line) ? [0, 1] : [0];
  return answers.includes(code);
}

interface StrangersShell extends Disposable {
  run(command: string): Promise<Outcome>;
}

/** A shell that knows no cluster and no store but those that a command names. */
function aStrangersShell(cluster: TestCluster, cli: Cli): StrangersShell {
  const home = mkdtempSync(join(tmpdir(), 'memcached-backup-paste-'));
  const { KUBECONFIG: _cluster, MEMCACHED_BACKUP_STORE: _store, ...others } = cli.env;
  const bin = join(home, 'bin');
  mkdirSync(bin);
  symlinkSync(cluster.kubectl, join(bin, 'kubectl'));
  symlinkSync(BINARY, join(bin, 'kubectl-memcached_backup'));
  for (const { path } of cluster.helms.slice(0, 1)) symlinkSync(path, join(bin, 'helm'));
  const env = {
    ...others,
    ...SHORT_LIVED_GO,
    HOME: home,
    KUBE_EDITOR: 'true',
    XDG_STATE_HOME: cli.env.HOME,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
  };
  return {
    run: (command) => run('bash', ['-o', 'pipefail', '-c', command], { cwd: home, env }),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}
