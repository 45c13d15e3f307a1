import type { Codes } from '../code.ts';
import { RUN_SYMPTOMS } from './job-codes.ts';

/** What the log of a hand-made backup says of its commands, be its Job failed or Complete. */
export const SCRIPT_CODES = {
  MB250: {
    severity: 'fail',
    title: 'The backup’s service account was refused something',
    cause:
      'Its Role lacks a permission. `helm get` lists Secrets, since Helm keeps its records in them; the backup guide’s Role has ConfigMaps only. Without `set -e` the script goes on, and its Job is Complete.',
    evidence: 'Lines of the newest ended Job’s log: `… is forbidden: User … cannot …`.',
    fix: 'Grant it, for reading only.',
    hides: [...RUN_SYMPTOMS, 'MB242'],
  },
  MB251: {
    severity: 'fail',
    title: 'A program that the backup calls is not in its image',
    cause:
      'An image of kubectl has no helm and no aws. The shell reports it and goes on without `set -e`: the file is empty, and the Job is Complete.',
    evidence:
      'Lines of the newest ended Job’s log: `helm: not found`, `aws: command not found`; and all that the script calls, for the first that is missing may end it.',
    fix: 'An image that has all of them, such as alpine/k8s (kubectl, helm and aws).',
    hides: [...RUN_SYMPTOMS, 'MB242'],
  },
  MB252: {
    severity: 'fail',
    title: 'A Complete Job has not backed up',
    cause:
      'A command of its script failed (an object that does not exist, a folder that can’t be written, an upload without credentials, an empty file), and the script went on.',
    evidence:
      'Lines of the log of the newest Job, which is Complete: what kubectl, helm, aws, git and the shell write where they give up.',
    fix: 'As the log says; `set -e` makes the next such Job fail.',
  },
  MB255: {
    severity: 'warn',
    title: 'The backup script goes on after an error',
    cause:
      'A shell goes on after a command that failed, and its exit code is that of the last one. A Job with such a script succeeds without a backup, and no alert fires.',
    evidence:
      'Neither `set -e` nor `sh -e`, and a command that saves something is followed by others without `|| exit`.',
    fix: 'Run the shell with `-e`.',
  },
} as const satisfies Codes;
