import { InterruptedError } from './tool-error.ts';

/**
 * A request that had been sent when Ctrl-C or SIGTERM came, and got no answer in the time that was left for it: nobody
 * knows what became of it, and nobody asks again.
 */
export class CutShortError extends InterruptedError {}
