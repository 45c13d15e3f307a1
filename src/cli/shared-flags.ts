import { CLUSTER_NAME, STORE, STORE_FLAGS } from './common-flags.ts';
import type { Flag } from './flag.ts';
import { IDENTITY, SEALING, TRUST } from './key-flags.ts';
import { PACE_FLAGS } from './pace-flags.ts';

/** The long form of what each command's page says in a line. */
export const WHICH_STORE: Flag = {
  ...STORE,
  explainedIn: 'stores',
  describe:
    "Where backups live: a folder, s3://BUCKET/FOLDER, git+ssh://HOST/PATH.git or pvc://NAMESPACE/CLAIM (default: MEMCACHED_BACKUP_STORE, else that of the namespace's schedule, else ./memcached-backups, else $XDG_DATA_HOME/memcached-backup)",
};

/** Flags that the `options` page explains once for all commands that have them. */
export const SHARED_FLAGS: readonly Flag[] = [
  WHICH_STORE,
  ...[...STORE_FLAGS, CLUSTER_NAME, IDENTITY, ...SEALING, TRUST, ...PACE_FLAGS].filter(
    ({ explainedIn }) => explainedIn !== undefined,
  ),
];
