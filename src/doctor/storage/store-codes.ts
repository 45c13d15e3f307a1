import type { Codes } from '../code.ts';

/** The store that `--store` names. It is looked at without a cluster too. */
export const STORE_CODES = {
  MB340: {
    severity: 'fail',
    title: 'The store can’t be read',
    cause: 'It is no folder, may not be read by this user, or its file server does not answer.',
    evidence: 'The operating system’s error.',
    fix: 'Mend its path and permissions, or name another store with `--store`.',
    hides: ['MB401'],
  },
  MB341: {
    severity: 'note',
    title: 'There is no store yet',
    cause:
      'The folder that `--store` names does not exist. The first backup makes it. Or backups lie elsewhere.',
    evidence: 'Its path.',
    fix: 'Name the folder that holds your backups, or take a first backup.',
    hides: ['MB401'],
  },
  MB342: {
    severity: 'fail',
    title: 'The store can’t be written',
    cause:
      'Its file system is mounted read-only, full, or its folder belongs to another user: no backup can be taken, and no restore can keep its journal in it.',
    evidence: 'The operating system’s error when a small file was to be written.',
    fix: 'Mount it writable, or give its folder to the user who backs up.',
    hides: ['MB343'],
  },
  MB343: {
    severity: 'fail',
    title: 'There is no room for another backup',
    cause:
      'The store’s disk has less free than twice what the newest backup takes, or 1 MiB, or fewer than 100 files can be made.',
    evidence: 'Free bytes and inodes for ordinary users (statfs).',
    fix: 'Free some space, or move the store.',
  },
  MB344: {
    severity: 'warn',
    title: 'The store’s disk is nearly full',
    cause:
      'There is room for fewer than 50 backups like the newest, or less than 64 MiB, or fewer than 1000 files can be made.',
    evidence: 'Free bytes and inodes for ordinary users (statfs).',
    fix: 'Free some space, or move the store.',
  },
  MB345: {
    severity: 'warn',
    title: 'Others can write to the store',
    cause:
      'The store’s folder, or one in it, can be written by its group or by everybody, or belongs to another user. Whoever can write there may add backups and change them, their digests included: a restore writes what they say, as far as its rules let it.',
    evidence: 'Each folder, and its mode or owner.',
    fix: 'Give it to the user who backs up, and to nobody else: `chmod 700`. On a volume that a group of pods shares, let only those that back up be in the group.',
  },
  MB350: {
    severity: 'note',
    title: 'The store holds no backup of the release',
    cause: 'None was taken into this store, or they were removed.',
    evidence: 'What the store lists.',
    fix: 'Take one.',
    hides: ['MB401'],
  },
  MB351: {
    severity: 'warn',
    title: 'The newest backup is old',
    cause:
      'It is older than 8 days: a week, the longest interval that backup guides name for manifests, and a day of grace.',
    evidence: 'The moment in its id.',
    fix: 'Take a new one, and let a CronJob do it.',
  },
  MB352: {
    severity: 'fail',
    title: 'The newest backup is damaged',
    cause:
      'Its backup.json does not match its digest, or files are missing or have another size: a disk fault, or an edit. Restores pass over it.',
    evidence: 'What `list` says of it.',
    fix: 'Take a new one, and look at the disk.',
    hides: ['MB401'],
  },
  MB353: {
    severity: 'warn',
    title: 'The newest backup is incomplete',
    cause:
      'Objects could not be read when it was taken, the release or its namespace was being deleted, it was taken without Secrets (`--without-secrets`), or it holds neither a workload nor a pod of memcached. `latest` passes over it to an older one.',
    evidence: 'What was skipped and why, and which permission was missing.',
    fix: 'Grant the permission, or wait until the release is there again, and take a new one. Beside backups without Secrets keep whole ones, sealed: `--encrypt-to`.',
    hides: ['MB401'],
  },
  MB354: {
    severity: 'note',
    title: 'The newest backup was never verified',
    cause:
      '`verify` reads every byte of a backup, and renders and compares what is in it; nobody has done so yet.',
    evidence: 'The backup has no verified.json of its own.',
    fix: 'Verify it.',
  },
  MB355: {
    severity: 'warn',
    title: 'Backups shrink',
    cause:
      'The newest backup holds less than half the objects, or a quarter of the bytes, that the three to seven before it hold at the median: something was removed, or can no longer be seen.',
    evidence: 'The numbers.',
    fix: 'Compare: `diff` shows what the release lacks now; `show` what each backup holds.',
  },
  MB356: {
    severity: 'warn',
    title: 'Backups grow',
    cause:
      'The newest backup takes more than four times the bytes, and 256 KiB more, than the three to seven before it at the median: something big was put into the release.',
    evidence: 'The numbers.',
    fix: 'See what it is: `show -o wide`.',
  },
  MB360: {
    severity: 'note',
    title: 'A backup was cut off',
    cause:
      'A hidden folder of a backup under way has not been touched for ten minutes, and its process is not here; or in S3 an archive to which no entry of the catalog leads lies there for a day. It holds Secrets, private to whoever may read it; the next backup of the release removes a folder that is 6 hours old, and such an archive.',
    evidence: 'The folder or archive, and its age.',
    fix: 'Remove it, unless another machine is writing it.',
  },
} as const satisfies Codes;
