import { ToolError } from './tool-error.ts';

/** What `step` gives, or undefined where it fails for a reason that a person would be told; a defect stays one. */
export async function orUndefined<T>(step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return undefined;
  }
}
