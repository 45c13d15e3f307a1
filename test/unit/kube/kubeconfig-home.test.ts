import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { kubeconfigOfHome } from '../../../src/kube/kubeconfig-home.ts';

describe("the kubeconfig of the user's home", () => {
  test('is that of HOME', () => {
    assert.equal(
      kubeconfigOfHome({ HOME: '/home/ann', USERPROFILE: '/x' }, 'linux'),
      '/home/ann/.kube/config',
    );
    assert.equal(kubeconfigOfHome({}, 'linux'), undefined);
  });

  test("on Windows is the first that is there, in client-go's order", (t) => {
    const root = mkdtempSync(join(tmpdir(), 'homes-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    const env = {
      HOME: join(root, 'home'),
      HOMEDRIVE: root,
      HOMEPATH: '/network',
      USERPROFILE: join(root, 'profile'),
    };
    const of = (home: string): string => join(root, home, '.kube/config');
    const found = (of: NodeJS.ProcessEnv) => kubeconfigOfHome(of, 'win32');
    assert.equal(found(env), of('home'));
    assert.equal(found({ ...env, HOME: '' }), of('profile'));
    assert.equal(found({ HOMEDRIVE: env.HOMEDRIVE, HOMEPATH: env.HOMEPATH }), of('network'));
    assert.equal(found({ HOMEDRIVE: env.HOMEDRIVE }), undefined);
    for (const home of ['profile', 'network', 'home']) {
      mkdirSync(join(root, home, '.kube'), { recursive: true });
      writeFileSync(of(home), '');
      assert.equal(found(env), of(home));
    }
  });
});
