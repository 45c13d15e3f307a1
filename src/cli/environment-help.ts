import type { HelpSection } from './help-page.ts';

/** The variables that the tool itself looks at, for the `options` page. Where a flag says the same, the flag wins. */
export const ENVIRONMENT: HelpSection['rows'] = [
  ['MEMCACHED_BACKUP_STORE', 'The store, where --store names none'],
  ['MEMCACHED_BACKUP_IDENTITY_FILE', 'As --identity: the private key that opens sealed backups'],
  ['MEMCACHED_BACKUP_RECIPIENTS_FILE', 'As --recipients-file: the public keys that backups are sealed to'],
  ['MEMCACHED_BACKUP_SIGN_KEY_FILE', 'As --sign-key: the private key that signs backups'],
  ['MEMCACHED_BACKUP_TRUST', 'As --trust: whose signatures are believed'],
  ['MEMCACHED_BACKUP_HELPER_IMAGE', "As --helper-image: this tool's image, for pods that mount a claim"],
  ['MEMCACHED_BACKUP_DEBUG', '1: as --debug'],
  ['KUBECONFIG', 'Kubeconfig files, as kubectl reads them'],
  ['HTTPS_PROXY, NO_PROXY', 'The proxy to the cluster, to S3 and to a Pushgateway, and what needs none'],
  ['HELM_DRIVER', 'Where Helm keeps its records, as for helm itself; of sql nothing can be backed up'],
  ['HELM_BIN', 'The helm that verify renders charts with (default: the one on PATH)'],
  ['AWS_ENDPOINT_URL_S3, AWS_PROFILE, …', 'S3, as the AWS command line reads them'],
  ['NO_COLOR', 'Anything: no colours'],
];

/** What the tool keeps outside the store, for the `options` page. */
export const FILES: HelpSection['rows'] = [
  ['./memcached-backups', 'The store, where none is named and this is a folder'],
  [
    '$XDG_DATA_HOME/memcached-backup',
    'The store where there is no such folder either (XDG_DATA_HOME: ~/.local/share)',
  ],
  [
    '$XDG_STATE_HOME/memcached-backup',
    "The state folder: what undo needs, of restores whose store can't be written (XDG_STATE_HOME: ~/.local/state; on Windows %LOCALAPPDATA%)",
  ],
];
