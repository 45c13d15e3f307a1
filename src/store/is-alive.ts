import { errnoOf } from './errno.ts';

/** Whether there is a process of this number on this machine, in this process's pid namespace; also where it is somebody else's (EPERM). */
export function isAlive(pid: number): boolean {
  try {
    // Signal 0 asks only whether the process exists (kill(2)).
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}
