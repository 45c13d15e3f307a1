import { ToolError } from '../errors/tool-error.ts';

/**
 * An answer of the API server is larger, or nested deeper, than what is read of one (model/json/limits.ts). The server is
 * there: whatever else is asked of it may be read, so that this is an error of the one list or object alone.
 */
export class TooLargeError extends ToolError {}
