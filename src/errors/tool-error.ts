import type { Advice } from '../advice/advice.ts';
import { ExitCode } from './exit-code.ts';

/** What an error tells the person who reads it, beyond what happened. */
export interface ErrorHelp {
  /** What was left as it was: "the cluster was not changed". */
  untouched?: string;
  /** The next command to type, or the next thing to do. */
  next?: Advice;
  cause?: unknown;
}

/**
 * An error that is meant for the user. `message` says what happened and to which object or file, in one
 * sentence without "error:" (the command line adds it). Everything else that is thrown is a defect.
 */
export class ToolError extends Error {
  readonly exitCode: ExitCode;
  readonly untouched: string | undefined;
  readonly next: Advice | undefined;

  constructor(message: string, help: ErrorHelp = {}, exitCode: ExitCode = ExitCode.failed) {
    super(message, help.cause === undefined ? undefined : { cause: help.cause });
    this.name = new.target.name;
    this.exitCode = exitCode;
    this.untouched = help.untouched;
    this.next = help.next;
  }
}

/** The command line itself was wrong: exit 2. */
export class UsageError extends ToolError {
  constructor(message: string, help: ErrorHelp = {}) {
    super(message, help, ExitCode.usage);
  }
}

/** The cluster or the store can't be reached: exit 4. */
export class UnreachableError extends ToolError {
  constructor(message: string, help: ErrorHelp = {}) {
    super(message, help, ExitCode.unreachable);
  }
}

/** The work was done only in part, or could not be proven: exit 5. */
export class IncompleteError extends ToolError {
  constructor(message: string, help: ErrorHelp = {}) {
    super(message, help, ExitCode.incomplete);
  }
}

/**
 * The work was broken off for a reason outside of it. Whoever did that decides what comes next, so nothing is
 * undone by itself.
 */
export class BrokenOffError extends ToolError {}

/** Ctrl-C or SIGTERM, after everything half done was finished or put back: exit 130. */
export class InterruptedError extends BrokenOffError {
  constructor(message = 'interrupted', help: ErrorHelp = {}) {
    super(message, help, ExitCode.interrupted);
  }
}

/** Somebody was asked, and said no: a decision and no error. It ends the command as an interruption does. */
export class DeclinedError extends InterruptedError {}
