import { type Command, kubectl, pipe, tool, type Word } from '../advice/command.ts';
import type { DoctorContext } from './doctor-context.ts';

/** What somebody does who may grant it: `permissions backup -n shop -o yaml --for user:jane | kubectl apply -f -`. */
export async function grant(doctor: DoctorContext, command: string, ...words: Word[]): Promise<Command> {
  const roles = tool('permissions', command, ...words, '-o', 'yaml', '--for', await doctor.subject());
  return pipe(roles, kubectl('apply', '-f', '-'));
}

export function scopeWords(namespace: string | undefined): string[] {
  return namespace === undefined ? ['-A'] : ['-n', namespace];
}
