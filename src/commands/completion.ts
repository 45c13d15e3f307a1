import { join } from 'node:path';
import { advice } from '../advice/advice.ts';
import { shell, tool } from '../advice/command.ts';
import { COMPLETION, installForKubectl, type NotInstalled, PLUGIN } from '../completion/install.ts';
import { SHELLS, shellScript } from '../completion/shell-scripts.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { ToolError, UsageError } from '../errors/tool-error.ts';
import type { CommandContext } from '../session/context.ts';

/** Of the process. */
export interface Installation {
  env: NodeJS.ProcessEnv;
  /** This program's file. */
  executable: string;
}

/**
 * `completion SHELL` prints a shell's script, `completion install` has kubectl find this program for completions.
 * @throws UsageError for another word; ToolError where the link can't be made, with the commands that make it.
 */
export async function completion(
  what: string,
  { env, executable }: Installation,
  { io }: Pick<CommandContext, 'io'>,
): Promise<ExitCode> {
  const named = SHELLS.find((each) => each === what);
  if (named !== undefined) {
    io.outText(shellScript(named));
    return ExitCode.ok;
  }
  if (what !== 'install')
    throw new UsageError(`"${what}" is no shell that there is a script for`, {
      next: advice`name one of ${SHELLS.join(', ')}, or ${tool('completion', 'install')}`,
    });
  const installed = await installForKubectl(env);
  if ('why' in installed) throw notInstalled(installed, executable);
  io.say(
    installed.what === 'made'
      ? `${installed.link} made: kubectl asks this program for completions now.`
      : `${installed.link} is there already: kubectl asks this program for completions.`,
  );
  io.say(
    "It takes kubectl's own completion in your shell: kubectl completion --help says how that is loaded.",
  );
  return ExitCode.ok;
}

/** Two commands do it where we can't. */
function notInstalled(installed: NotInstalled, executable: string): ToolError {
  if (installed.link === undefined) {
    const plugin = shell('ln', '-s', executable, join('/usr/local/bin', PLUGIN));
    const link = shell('ln', '-s', PLUGIN, join('/usr/local/bin', COMPLETION));
    return new ToolError(`no folder of PATH holds ${PLUGIN}, so that kubectl does not find it`, {
      untouched: 'nothing was made',
      next: advice`make both links: ${plugin}, then ${link}`,
    });
  }
  const { link, why } = installed;
  if (installed.what === 'taken')
    return new ToolError(`${link} is there already, and is ${why}`, {
      untouched: 'it was left as it is',
      next: advice`move it away: ${shell('ls', '-l', link)}, then ${tool('completion', 'install')}`,
    });
  return new ToolError(`${link} can't be made (${why})`, {
    untouched: 'nothing was made',
    next: advice`make it as somebody who may: ${shell('sudo', 'ln', '-s', PLUGIN, link)}, or in a folder of PATH that is yours: ${shell('ln', '-s', link.replace(COMPLETION, PLUGIN), COMPLETION)}`,
  });
}
