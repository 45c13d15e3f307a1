import { randomBytes } from 'node:crypto';
import type { Paint, Style } from './io.ts';
import { printable } from './printable.ts';

const plain: Paint = (text) => text;
export const PLAIN_STYLE: Style = {
  bold: plain,
  dim: plain,
  red: plain,
  green: plain,
  yellow: plain,
  cyan: plain,
};

/** A style and the step that turns styled text into what a terminal may be sent. */
export interface Painter {
  style: Style;
  /** Escapes control characters except the codes that `style` put in. */
  render(text: string): string;
  /** Takes the codes that `style` put in out again: standard output carries none. */
  unpaint(text: string): string;
}

export const PLAIN_PAINTER: Painter = { style: PLAIN_STYLE, render: printable, unpaint: plain };

/**
 * Colours for a terminal. A painted text carries a random mark before each colour code, so that a code
 * which came from the cluster is told apart from ours and is escaped.
 */
export async function createPainter(): Promise<Painter> {
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  const mark = `<${randomBytes(8).toString('hex')}>`;
  const marked = new RegExp(`${mark}(\\u001b\\[\\d+m)`);
  const paint = (color: (text: string) => string): Paint => {
    const [open = '', close = ''] = color('\u0000').split('\u0000');
    return (text) => `${mark}${open}${text}${mark}${close}`;
  };
  return {
    style: {
      bold: paint(chalk.bold),
      dim: paint(chalk.dim),
      red: paint(chalk.red),
      green: paint(chalk.green),
      yellow: paint(chalk.yellow),
      cyan: paint(chalk.cyan),
    },
    // split() with a group alternates text and code.
    render: (text) =>
      text
        .split(marked)
        .map((part, index) => (index % 2 === 1 ? part : printable(part)))
        .join(''),
    unpaint: (text) =>
      text
        .split(marked)
        .filter((_, index) => index % 2 === 0)
        .join(''),
  };
}

/**
 * Whether messages are coloured: on a terminal that can (TERM is not "dumb") unless NO_COLOR is set
 * (no-color.org); FORCE_COLOR turns it on without a terminal.
 */
export function wantsColor(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  const forced = env.FORCE_COLOR ?? '';
  if (forced !== '') return forced !== '0' && forced !== 'false';
  return isTerminal && env.TERM !== 'dumb';
}
