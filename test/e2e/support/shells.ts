import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cachedStep } from '../../../scripts/image/cached-step.ts';
import type { BuildStep } from '../../cluster/build/cache.ts';
import { unpackedPackages } from '../../cluster/build/packages.ts';
import { type Conversation, converse } from './terminal.ts';

const PACKAGES = ['bash-completion', 'fish', 'fish-common', 'zsh', 'zsh-common'];

export type ShellName = 'bash' | 'zsh' | 'fish';

/** A shell that somebody types in. It is killed at the end of its block. */
export interface TypedShell extends Disposable {
  /** The words that the line has after one Tab at its end. */
  completed(line: string): Promise<string[]>;
  /**
   * Waits until two Tabs at the line's end have all of these shown, in whatever order. What is missing may have come too late for the shell,
   * as the cluster's names do on a busy machine: whoever types begins the line again, twice. It is left as it is: nothing comes after.
   */
  offers(line: string, ...shown: string[]): Promise<void>;
}

export interface ShellOptions {
  /** A folder for what the shell reads and writes. */
  home: string;
  env: NodeJS.ProcessEnv;
  /** Commands that load completions. */
  setup: readonly string[];
  /** Only for bash: without bash-completion. */
  bare?: boolean;
}

/** Debian's shells and bash-completion, unpacked and not installed; bash is the machine's. */
export async function shellPackages(): Promise<string> {
  return join(await cachedStep(shellsStep()), 'root');
}

function shellsStep(): BuildStep {
  const { make, ...step } = unpackedPackages('shells', PACKAGES);
  return {
    ...step,
    inputs: [...step.inputs, 'fish finds its files'],
    make: async (folder, log) => {
      await make(folder, log);
      // fish looks for both beside its own program, where it was moved.
      symlinkSync('../etc', join(folder, 'root/usr/etc'));
    },
  };
}

/** Starts a shell on a terminal, with nothing of its user's but what `setup` says. */
export async function typeIn(name: ShellName, options: ShellOptions): Promise<TypedShell> {
  const root = await shellPackages();
  const terminal = { bash, zsh, fish }[name](root, options);
  await terminal.shows(/<%READY>/);
  return {
    completed: async (line) => {
      // From the beginning of the line on, it is printed word by word; Ctrl-E is its end.
      terminal.type(`${line}\t\u0001printf '<%%%s>\\n' \u0005 END\r`);
      const shown = await terminal.shows(/<%[^s][^>]*>\r?\n(?:<%.*>\r?\n)*<%END>/, LONGEST_MS);
      return [...shown.matchAll(/<%(.*)>\r?\n/g)].map(([, word = '']) => word);
    },
    offers: async (line, ...expected) => {
      const all = new RegExp(`^${expected.map((each) => `(?=[^]*${RegExp.escape(each)})`).join('')}`);
      for (let more = 2; ; more--) {
        terminal.type(`${line}\t\t`);
        try {
          return void (await terminal.shows(all, more === 0 ? LONGEST_MS : LONGEST_MS / 2));
        } catch (error) {
          if (more === 0) throw error;
          terminal.type('\u0015'); // Ctrl-U: the line's beginning
        }
      }
    },
    [Symbol.dispose]: () => terminal[Symbol.dispose](),
  };
}

const READY = "printf '<%%%s>\\n' READY";
const COLUMNS = 200;
/** For what one key brings, on a busy machine. */
const LONGEST_MS = 20_000;

function bash(root: string, { home, env, setup, bare }: ShellOptions): Conversation {
  const rc = join(home, '.bashrc');
  const completion = join(root, 'usr/share/bash-completion/bash_completion');
  const lines = [
    "PS1='$ '",
    "bind 'set page-completions off'",
    ...(bare === true ? [] : [`. ${completion}`]),
    ...setup,
    READY,
  ];
  writeFileSync(rc, `${lines.join('\n')}\n`);
  return converse('bash', ['--noprofile', '--rcfile', rc, '-i'], { ...env, HOME: home }, COLUMNS);
}

function zsh(root: string, { home, env, setup }: ShellOptions): Conversation {
  const [libraries = ''] = libraryFolders(root);
  const functions = join(root, 'usr/share/zsh/functions');
  const early = [
    `module_path=(${libraries}/zsh/*(/))`,
    `fpath=(${functions} ${functions}/**/*(/N) ${home}/functions)`,
    'unset LD_LIBRARY_PATH',
  ];
  const late = ["PS1='$ '", 'bindkey -e', 'autoload -U compinit; compinit -u -D', ...setup, READY];
  mkdirSync(join(home, 'functions'), { recursive: true });
  writeFileSync(join(home, '.zshenv'), `${early.join('\n')}\n`);
  writeFileSync(join(home, '.zshrc'), `${late.join('\n')}\n`);
  const own = { HOME: home, ZDOTDIR: home, LD_LIBRARY_PATH: libraryFolders(root).join(delimiter) };
  return converse(join(root, 'bin/zsh'), ['-d', '-i'], { ...env, ...own }, COLUMNS);
}

function fish(root: string, { home, env, setup }: ShellOptions): Conversation {
  const folder = join(home, '.config/fish');
  mkdirSync(folder, { recursive: true });
  const lines = [
    'set -e LD_LIBRARY_PATH',
    'set -g fish_greeting',
    'set -g fish_autosuggestion_enabled 0',
    "function fish_prompt; echo '$ '; end",
    ...setup,
    READY,
  ];
  writeFileSync(join(folder, 'config.fish'), `${lines.join('\n')}\n`);
  const own = { HOME: home, LD_LIBRARY_PATH: libraryFolders(root).join(delimiter) };
  return converse(join(root, 'usr/bin/fish'), ['-i'], { ...env, ...own }, COLUMNS);
}

function libraryFolders(root: string): string[] {
  const libraries = join(root, 'usr/lib');
  return readdirSync(libraries)
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(libraries, name));
}
