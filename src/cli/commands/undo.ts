import type { CommandSpec } from '../command-spec.ts';
import { CLUSTER_NAME, OUTPUT, outputFormat, STORE_FLAGS, YES } from '../common-flags.ts';
import { parseDuration } from '../duration.ts';
import { IDENTITY } from '../key-flags.ts';
import { PACE_FLAGS, paceOptions } from '../pace-flags.ts';

export const undoCommand: CommandSpec = {
  name: 'undo',
  arguments: ['RELEASE[@ID]'],
  asksCluster: () => true,
  summary: 'Take the last restore of a release back, also one that was cut off',
  details:
    'Deletes only what the restore created, and stops where somebody changed something since. Shows what it would do and asks once. ' +
    "With an ID, or the path of a backup's folder, only a restore to that backup is taken back.\n\n" +
    "What undo needs a restore writes to the store, or to your state folder where the store can't be written: " +
    '$XDG_STATE_HOME/memcached-backup or ~/.local/state/memcached-backup (%LOCALAPPDATA% on Windows). It is looked for in both.',
  flags: [
    ...STORE_FLAGS,
    CLUSTER_NAME,
    IDENTITY,
    YES,
    {
      name: 'timeout',
      type: 'string',
      value: 'DURATION',
      describe: 'Time for the pods to become ready (default: 5m)',
    },
    ...PACE_FLAGS,
    OUTPUT,
  ],
  examples: [{ purpose: 'Take the last restore back', words: 'undo my-memcached -n cache' }],
  exitCodes: { 0: 'taken back, and proved', 5: 'taken back, and not all of it proved' },
  seeAlso: ['restore', 'docs/restore.md#taking-it-back-undo'],
  run: async ({ words: [release = ''], values, namespace }, context) => {
    const { undo } = await import('../../commands/undo.ts');
    const clusterName = values.text('cluster-name');
    return undo(
      {
        release,
        ...(namespace === undefined ? {} : { namespace }),
        yes: values.isSet('yes'),
        output: outputFormat(values),
        ...paceOptions(values),
        timeoutMs: parseDuration(values.text('timeout') ?? '5m', 'timeout'),
        ...(clusterName === undefined ? {} : { clusterName }),
      },
      context,
    );
  },
};
