import { execFileSync } from 'node:child_process';
import { summaryOf } from '../../src/model/records/backup-summary.ts';
import { releaseParts } from '../../src/store/format/layout.ts';
import { backupRef } from '../../src/store/git/ref-names.ts';
import { backupMessage } from '../../src/store/git/tag-message.ts';
import { ADDRESS, sampleDocument } from '../../test/unit/store/sample-backup.ts';

const BRANCH = 'refs/heads/main';
const WHO = 'bench <bench@localhost> 1795000000 +0000';

/**
 * Makes a bare repository with a store of so many backups, as they would have been pushed one after the other: a commit on the
 * branch and a tag each. What `list` reads is as in a real one; the files are backup.json alone.
 */
export function makeRepository(folder: string, { releases, each }: { releases: number; each: number }): void {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', folder]);
  execFileSync('git', [`--git-dir=${folder}`, 'config', 'uploadpack.allowFilter', 'true']);
  const lines: string[] = [];
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  for (let at = 0; at < releases * each; at++) {
    const release = `cart-${at % releases}`;
    const minute = new Date(Date.UTC(2026, 0, 1, 0, Math.floor(at / releases)));
    const id = minute.toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const address = { ...ADDRESS, release, id };
    const document = sampleDocument(address);
    const digest = String(at).padStart(64, '0');
    const message = backupMessage(address, { digest, summary: summaryOf(document), branch: BRANCH });
    const tag = backupRef(address, '').replace('refs/tags/', '');
    lines.push(
      `commit ${BRANCH}\nmark :${at + 1}\ncommitter ${WHO}\n${data(message)}`,
      `M 100644 inline ${releaseParts(address).join('/')}/backup.json\n${data(JSON.stringify(document))}`,
      `tag ${tag}\nfrom :${at + 1}\ntagger ${WHO}\n${data(message)}`,
    );
  }
  execFileSync('git', [`--git-dir=${folder}`, 'fast-import', '--quiet'], { input: lines.join('') });
  execFileSync('git', [`--git-dir=${folder}`, 'gc', '--quiet']);
}
