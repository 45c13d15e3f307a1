import { type Command, kubectl, placeholder } from '../../advice/command.ts';
import { nameOf } from '../../model/kubernetes/object.ts';
import { backupMaker, scriptOf } from '../../model/schedule/backup-cronjob.ts';
import { type BackupRun, inNamespace } from './backup-run.ts';
import { inWords, scriptPrograms } from './script-programs.ts';

/**
 * The command that gives the CronJob's container another image, and says all that has to be in it. The container is within
 * the placeholder: the API server takes any text for an image, and kubectl no `<backup` for a container.
 * @param missing programs that the image is known to lack.
 */
export function otherImage(run: BackupRun, container: string, missing: readonly string[] = []): Command {
  const image = placeholder(`${container}=${imageInWords(run, missing)}`);
  return kubectl('set', 'image', `cronjob/${nameOf(run.cronJob)}`, image, ...inNamespace(run));
}

function imageInWords({ cronJob }: BackupRun, missing: readonly string[]): string {
  if (backupMaker(cronJob) === 'tool') return 'image of memcached-backup';
  const programs = [...new Set([...scriptPrograms(scriptOf(cronJob)), ...missing])];
  return programs.length === 0 ? 'image' : `image with ${inWords(programs)}`;
}
