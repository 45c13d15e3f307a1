import { goTool } from '../cluster/build/go-tool.ts';

/** The age program and age-keygen of filippo.io/age, built once for all checkouts of this machine. */
export async function ageProgram(): Promise<{ age: string; keygen: string }> {
  return { age: await goTool('age'), keygen: await goTool('age', 'age-keygen') };
}
