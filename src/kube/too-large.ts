import { advice } from '../advice/advice.ts';
import { kubectl } from '../advice/command.ts';
import { ToolError } from '../errors/tool-error.ts';

/**
 * An answer of the API server is larger, or nested deeper, than what is read of one (model/json/limits.ts). The server is
 * there: whatever else is asked of it may be read, so that this is an error of the one list or object alone.
 */
export class TooLargeError extends ToolError {}

/** @param what a clause: "the list of pods has more than 2 objects". @param plural of what is listed: how many there are, the next command tells. */
export function tooManyObjects(what: string, plural: string): TooLargeError {
  return new TooLargeError(`${what}, which is all that is read`, {
    next: advice`${kubectl('get', plural, '-A', '--no-headers')} | wc -l`,
  });
}
