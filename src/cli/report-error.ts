import { type Spelling, spellAdvice } from '../advice/spell.ts';
import type { ExitCode } from '../errors/exit-code.ts';
import { exitCodeOf } from '../errors/exit-code-of.ts';
import { DeclinedError, InterruptedError, ToolError } from '../errors/tool-error.ts';
import { startedByHelm } from './invocation.ts';

export interface ErrorReport {
  /** For standard error, in order. */
  lines: string[];
  exitCode: ExitCode;
}

export interface ErrorSituation {
  /** Of every command that is advised. */
  spelling: Spelling;
  /** Show the stack of what is not meant for the user. */
  debug: boolean;
  /** Ctrl-C or SIGTERM came before the error: whatever broke off is its consequence. */
  interrupted: boolean;
}

export function wantsDebug(env: NodeJS.ProcessEnv): boolean {
  const isOn = (text: string | undefined): boolean => !['', '0', 'false', undefined].includes(text);
  return isOn(env.MEMCACHED_BACKUP_DEBUG) || (startedByHelm(env) && isOn(env.HELM_DEBUG));
}

/** The one place where an error becomes words and an exit code. */
export function reportError(thrown: unknown, situation: ErrorSituation): ErrorReport {
  const error = situation.interrupted && !(thrown instanceof ToolError) ? new InterruptedError() : thrown;
  const told =
    error instanceof ToolError ? linesOfToolError(error, situation) : linesOfDefect(error, situation);
  const cause = situation.debug && error instanceof ToolError ? stackLines(error) : [];
  return {
    exitCode: exitCodeOf(error, situation.interrupted),
    lines: [...told, ...cause],
  };
}

function linesOfToolError(error: ToolError, { spelling }: ErrorSituation): string[] {
  const { untouched, next } = error;
  return [
    saidFirst(error),
    ...(untouched === undefined ? [] : [sentence(untouched)]),
    ...(next === undefined ? [] : [`Next: ${spellAdvice(next, spelling)}`]),
  ];
}

function saidFirst(error: ToolError): string {
  // A decision is no error.
  if (error instanceof DeclinedError) return sentence(error.message);
  // kubectl prints the server's own refusals without a word in front.
  return error.message.startsWith('Error from server') ? error.message : `error: ${error.message}`;
}

function linesOfDefect(error: unknown, { debug }: ErrorSituation): string[] {
  const message = error instanceof Error ? error.message : String(error);
  return [
    `error: unexpected: ${message}`,
    'This is a defect of memcached-backup, not of what you typed.',
    ...(debug
      ? stackLines(error)
      : ['Next: run the same command with MEMCACHED_BACKUP_DEBUG=1 for the stack, and report it']),
  ];
}

function stackLines(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = (error.stack ?? '').split('\n').slice(1);
  return error.cause instanceof Error
    ? [...own, `caused by ${error.cause.name}: ${error.cause.message}`, ...stackLines(error.cause)]
    : own;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
