import type { Sealing } from '../../model/records/backup-format.ts';
import { RUNBOOK, SEALED } from '../format/layout.ts';
import { recipientInWords } from '../format/sealed-backup.ts';
import type { ReleaseAddress } from '../store.ts';

/**
 * RUNBOOK.md of a sealed backup: how to open it with the age program and tar alone, the same for every backup of a release. The
 * one that leads on lies in the archive.
 */
export function sealedRunbook(
  { cluster, namespace, release }: ReleaseAddress,
  { recipients }: Sealing,
): string {
  const isPassphrase = recipients.some(({ type }) => type === 'passphrase');
  const key = isPassphrase
    ? 'age asks for the passphrase that it was sealed with.'
    : `KEY is a file with the private key of one of these, as age or ssh-keygen wrote it:

${recipients.map((recipient) => `- ${recipientInWords(recipient)}`).join('\n')}

The 8 digits are the first of \`age-keygen -y KEY | tr -d '\\n' | sha256sum\`; of an SSH key, of
\`ssh-keygen -y -f KEY | cut -d' ' -f1,2 | tr -d '\\n' | sha256sum\`.`;
  return `# Opening the backup of ${release} by hand

This backup of release \`${release}\` in namespace \`${namespace}\`, cluster \`${cluster}\`, is sealed: whoever has this folder
and no key knows what it holds by name alone. backup.json says its id.
With the plugin: \`kubectl memcached-backup restore ${release}@ID -n ${namespace}${isPassphrase ? '' : ' --identity KEY'}\`.
Without it, run these commands in the folder that holds this file. They take age (https://age-encryption.org) and tar.

## 1. Check the files

\`\`\`sh
sha256sum -c backup.json.sha256
\`\`\`

backup.json lists the archive with its size and sha256.

## 2. Open it

${key}

\`\`\`sh
opened=$(mktemp -d)
age -d ${isPassphrase ? '' : '-i KEY '}-o "$opened/backup.tar.gz" ${SEALED} &&
  tar -xzf "$opened/backup.tar.gz" -C "$opened" && rm "$opened/backup.tar.gz" && echo "$opened"
\`\`\`

## 3. Restore it

The folder that this names holds the backup in plain text, as one that was never sealed, in the one folder of
\`${cluster}/${namespace}/${release}\`: the \`${RUNBOOK}\` there leads on, and the plugin takes the folder as a store (\`--store\`).
Remove it afterwards: it holds Secrets.
`;
}
