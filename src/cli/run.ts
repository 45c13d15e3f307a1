import { setTimeout as pause } from 'node:timers/promises';
import { ExitCode } from '../errors/exit-code.ts';
import type { ConnectionFlags } from '../kube/connection-flags.ts';
import type { IO } from '../output/io.ts';
import { createTerminalIO } from '../output/terminal-io.ts';
import type { CommandContext } from '../session/context.ts';
import type { Ending } from '../session/ending.ts';
import type { LastWords } from '../session/last-words.ts';
import { storeFaultOf } from '../store/store-fault.ts';
import { createCommandContext } from './command-context.ts';
import type { CommandSpec } from './command-spec.ts';
import { COMMANDS } from './commands.ts';
import { gitAccess, helperImage, namedStore, s3Access } from './common-flags.ts';
import { connectionFlags, NO_CONNECTION_FLAGS } from './connection-flags.ts';
import { assertNamespaceMeant, HELM_FLAGS, helmConnection } from './helm-environment.ts';
import { helpFor } from './help-for.ts';
import { startedByHelm } from './invocation.ts';
import { keySources, signatureSources } from './key-flags.ts';
import { type CommandLine, parseCommandLine } from './parse-command-line.ts';
import { withNamespaceOf } from './qualified-words.ts';
import { reportError, wantsDebug } from './report-error.ts';
import { spellingOf } from './spelling.ts';
import type { End, TerminationLog } from './termination-log.ts';
import { VERSION_LINE } from './version.ts';

/** What a run takes from its process. */
export interface Host {
  /** Without the program's own name. */
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Aborted on Ctrl-C, SIGTERM or SIGHUP. */
  signal: AbortSignal;
  /** Told where the command stands, for whoever has to end it. */
  lastWords: LastWords;
  /** Told how the command ends. */
  ending: Ending;
  /** Where that is left in one line; undefined where nobody asked for it. */
  terminationLog: TerminationLog | undefined;
}

/** Runs one command line, from its arguments to the exit code. Never throws. */
export async function runTool(host: Host): Promise<ExitCode> {
  const { argv, env, signal, lastWords, terminationLog } = host;
  const { stdout, stderr } = process;
  const terminal = {
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    env,
    signal,
  };
  const io = await createTerminalIO(terminal);
  lastWords.maskBy((text) => io.masked(text));
  let debug = wantsDebug(env);
  let spelling = spellingOf(env, NO_CONNECTION_FLAGS);
  const tellInterruption = (): void => {
    if (io.underWay !== undefined)
      io.say(`Interrupted; ending what is in hand (${io.underWay}). Once more (Ctrl-C) ends it now.`);
  };
  signal.addEventListener('abort', tellInterruption, { once: true });
  const ended = (end: End): ExitCode => {
    try {
      terminationLog?.write(end, (text) => io.masked(text));
    } catch (error) {
      io.warn(`how the run ended can't be written to the termination log: ${(error as Error).message}`);
    }
    return end.exitCode;
  };
  try {
    const byHelm = startedByHelm(env);
    const line = parseCommandLine(argv, COMMANDS, byHelm ? HELM_FLAGS : []);
    debug ||= line.values.isSet('debug');
    if (line.values.isSet('version')) io.outText(VERSION_LINE);
    else if (line.values.isSet('help') || line.command?.isPage === true)
      io.outText(await helpFor(line.command?.name ?? line.group, env, io.outColumns));
    else if (line.command === undefined) io.outText(await helpFor(line.group, env, io.outColumns));
    else {
      if (byHelm && !line.values.has('namespace')) assertNamespaceMeant(argv, env);
      const given = connectionFlags(line.values, byHelm ? helmConnection(env) : NO_CONNECTION_FLAGS);
      spelling = spellingOf(env, given);
      const meant = { words: line.words, connection: given };
      const { words, connection } = withNamespaceOf(line.command, line.values, meant);
      return ended({
        exitCode: await runCommand(line.command, { ...line, words }, { ...host, connection }, { io, debug }),
      });
    }
    return ExitCode.ok;
  } catch (error) {
    const { lines, exitCode } = reportError(error, { spelling, debug, interrupted: signal.aborted });
    for (const text of lines) io.say(text);
    return ended({ exitCode, ...causeOf(error, exitCode) });
  } finally {
    signal.removeEventListener('abort', tellInterruption);
  }
}

/** An interruption is no cause of anything: the exit code says it. */
function causeOf(error: unknown, exitCode: ExitCode): Pick<End, 'cause' | 'store'> {
  if (exitCode === ExitCode.interrupted) return {};
  const store = storeFaultOf(error);
  return {
    cause: error instanceof Error ? error.message : String(error),
    ...(store === undefined ? {} : { store }),
  };
}

/** Milliseconds in which a server that is near is reached. */
const REACHED_WITHIN = 2;

/**
 * Has the handshake go out before this process loads what the command needs, as far as that can be done at once. What goes wrong,
 * the command meets when it asks.
 */
async function connectAhead({ kube }: CommandContext): Promise<void> {
  const connecting = kube().then((client) => client.connect?.());
  await Promise.race([
    connecting.catch(() => {}),
    kube().then(
      () => pause(REACHED_WITHIN),
      () => {},
    ),
  ]);
}

async function runCommand(
  command: CommandSpec,
  { words, values }: CommandLine,
  { env, signal, lastWords, ending, connection }: Host & { connection: ConnectionFlags },
  { io, debug }: { io: IO; debug: boolean },
): Promise<ExitCode> {
  const store = namedStore(values, env);
  if (connection.token !== undefined) io.mask([connection.token]);
  if (debug) io.say(`debug: store ${store.location}, connection ${JSON.stringify(connection)}`);
  const s3 = s3Access(values);
  const asks = command.neverAsks !== true && io.interactive;
  const keys = keySources(values, env, asks ? io : undefined);
  const { context, close } = createCommandContext({
    io,
    connection,
    store,
    isOfOneNamespace: !values.isSet('all-namespaces'),
    s3,
    git: gitAccess(values, asks),
    helper: helperImage(values, env),
    keys,
    signatures: signatureSources(values, env),
    signal,
    lastWords,
    ending,
    env,
  });
  if (command.asksCluster?.(values) === true) await connectAhead(context);
  try {
    return await command.run({ words, values, namespace: connection.namespace }, context);
  } finally {
    await close();
  }
}
