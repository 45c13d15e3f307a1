import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { spelled } from '../../unit/spelled.ts';
import { ADDRESS, writeSample } from '../../unit/store/sample-backup.ts';
import { findingsIn } from './findings-in.ts';
import { GIT_FAULTS } from './git-faults.ts';
import { makeGitStore } from './git-kind.ts';
import { stopSshd } from './git-ssh-kind.ts';

after(stopSshd);

describe('doctor on a store in Git', () => {
  for (const { name, code, says, command, obstacle, plant } of GIT_FAULTS)
    test(`finds ${name}: ${code}`, { skip: obstacle ?? false }, async (t) => {
      const found = (await findingsIn(await plant(t))).filter(({ severity }) => severity !== 'note');
      assert.deepEqual(
        found.map((finding) => finding.code),
        [code],
        'one cause, one finding',
      );
      const [{ evidence = [], advice: fix = [] } = {}] = found;
      assert.match(evidence.map(({ text }) => text).join('\n'), says);
      if (command !== undefined)
        assert.ok(
          fix.some((each) => command.test(spelled(each))),
          fix.join('\n'),
        );
      for (const each of fix) assert.doesNotMatch(spelled(each), /\b(?:HOST|PORT|KNOWN|URL)\b/);
    });

  test('finds nothing in a sound one, and leaves nothing in it, also where nothing was committed yet', async (t) => {
    const { tested, repository } = await makeGitStore(t);
    const refs = (): string => repository.git(['for-each-ref']).toString();
    assert.deepEqual(await findingsIn(await tested.open()), []);
    assert.equal(refs(), '');
    await writeSample(await tested.open());
    // Beside the branch, and nothing was rewritten for that.
    await writeSample(await tested.open(), { ...ADDRESS, id: '20261123T101500Z' });
    const before = refs();
    const codes = (await findingsIn(await tested.open())).map(({ code }) => code);
    assert.deepEqual(codes, ['MB354'], 'of the backup alone: it was never verified');
    assert.equal(refs(), before);
  });

  test('says nothing of backups that went to another branch', async (t) => {
    const { tested, repository } = await makeGitStore(t);
    await writeSample(await tested.open());
    repository.git(['branch', '-m', 'main', 'other']);
    repository.git(['symbolic-ref', 'HEAD', 'refs/heads/other']);
    const { openStore } = await import('../../../src/store/open-store.ts');
    const location = `git+file://${repository.folder}?path=clusters#other`;
    const store = await openStore(location, undefined, { env: repository.env });
    assert.equal((await store.condition()).rewritten, undefined);
  });
});
