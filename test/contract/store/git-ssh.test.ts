import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { sshdObstacle } from '../../support/sshd.ts';
import { ADDRESS, writeSample } from '../../unit/store/sample-backup.ts';
import { storeContract } from './contract.ts';
import { GIT_OVER_SSH, makeSshStore, stopSshd } from './git-ssh-kind.ts';

after(stopSshd);

describe('a store in Git behind a real sshd', { skip: sshdObstacle() ?? false }, () => {
  test('says what ssh refuses where a backup is saved or read', async (t) => {
    const { tested, sshd } = await makeSshStore(t, 'command');
    sshd.allow(false);
    t.after(() => sshd.allow());
    const says = /the server refuses every SSH key that was offered/;
    await assert.rejects((await tested.open()).list({}), says);
    await assert.rejects(writeSample(await tested.open()), says);
  });

  test('works also where each git logs in anew', async (t) => {
    const { tested } = await makeSshStore(t, 'command');
    await writeSample(await tested.open());
    assert.equal((await (await tested.open()).open(ADDRESS)).document.id, ADDRESS.id);
  });
});

storeContract(GIT_OVER_SSH);
