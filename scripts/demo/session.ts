import { spawn } from 'node:child_process';

export interface SessionOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Interrupts the command under way, and what comes after does not start. */
  signal: AbortSignal;
}

/** What a command line did: its output as a terminal shows it, and how long it took. */
export interface CommandResult {
  output: string;
  code: number;
  ms: number;
}

/**
 * A terminal session that is shown while it happens and kept as text. What is shown after "$" is exactly
 * what a shell ran.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #transcript: string[] = [];
  /** Whether what is shown is kept for `transcript`. */
  recording = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** What was shown while `recording`. */
  transcript(): string {
    return this.#transcript
      .join('')
      .trim()
      .replaceAll(/[ \t]+$/gm, '');
  }

  heading(text: string): void {
    process.stdout.write(`\n${emphasised(`== ${text}`)}\n`);
  }

  /** A comment line, as one would type it into a shell. */
  comment(text: string): void {
    this.#show(`# ${text}\n`);
  }

  /** Runs a command line (or several) in a shell; any exit code. */
  async run(command: string): Promise<CommandResult> {
    this.#options.signal.throwIfAborted();
    process.stdout.write(emphasised(`$ ${command}\n`));
    this.#keep(`$ ${command}\n`);
    return this.#execute(command, (text) => this.#show(text));
  }

  /** Runs a command that belongs to the demo's own book-keeping and shows nothing of it. */
  async quietly(command: string): Promise<CommandResult> {
    return this.#execute(command, () => {});
  }

  async #execute(command: string, show: (text: string) => void): Promise<CommandResult> {
    const started = performance.now();
    const chunks: string[] = [];
    const { cwd, env, signal } = this.#options;
    const code = await new Promise<number>((resolve, reject) => {
      // A process group of its own: an interrupt has to reach what the shell started, too.
      const child = spawn('/bin/sh', ['-c', command], {
        cwd,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      const interrupt = () => {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
      };
      signal.addEventListener('abort', interrupt);
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          chunks.push(chunk);
          show(chunk);
        });
      }
      child.on('error', reject);
      child.on('close', (status) => {
        signal.removeEventListener('abort', interrupt);
        resolve(status ?? 1);
      });
    });
    signal.throwIfAborted();
    return { output: chunks.join(''), code, ms: performance.now() - started };
  }

  /** @throws Error where the command fails: the demo can't go on without it. */
  async must(command: string): Promise<CommandResult> {
    const result = await this.run(command);
    if (result.code !== 0) throw new Error(`exit code ${result.code}: ${command}`);
    return result;
  }

  #show(text: string): void {
    process.stdout.write(text);
    this.#keep(text);
  }

  #keep(text: string): void {
    if (this.recording) this.#transcript.push(text);
  }
}

function emphasised(text: string): string {
  return process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text;
}
