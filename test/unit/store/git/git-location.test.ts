import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UsageError } from '../../../../src/errors/tool-error.ts';
import { parseGitLocation } from '../../../../src/store/git/git-location.ts';
import { openStore } from '../../../../src/store/open-store.ts';

describe('the address of a store in Git', () => {
  for (const [location, place] of [
    [
      'git+ssh://git@example.test/team/backups.git',
      { url: 'ssh://git@example.test/team/backups.git', path: '' },
    ],
    ['GIT+SSH://example.test:2222/~me/b', { url: 'ssh://example.test:2222/~me/b', path: '' }],
    [
      'git+https://example.test/b.git?path=a/b/#release/1',
      { url: 'https://example.test/b.git', path: 'a/b', branch: 'release/1' },
    ],
    ['git+file:///srv/b.git#main?path=/a', { url: 'file:///srv/b.git', path: 'a', branch: 'main' }],
    ['git+ssh://[::1]:22/b.git', { url: 'ssh://[::1]:22/b.git', path: '' }],
  ] as const)
    test(`${location} is read`, () => assert.deepEqual(parseGitLocation(location), place));

  for (const [location, says] of [
    ['git+http://example.test/b.git', /not known/],
    ['git+ssh://-oProxyCommand=x/b.git', /not the name of a host/],
    ['git+ssh://-x@example.test/b.git', /credential/],
    ['git+ssh://example.test', /names no repository/],
    ['git+file://b.git', /not absolute/],
    ['git+https://example.test/$(id)', /a character that is not taken/],
    ['git+https://example.test/b.git#-x', /can not be a branch/],
    ['git+https://example.test/b.git#a..b', /can not be a branch/],
    ['git+https://example.test/b.git#a.lock', /can not be a branch/],
    ['git+https://example.test/b.git#a#b', /names two branches/],
    ['git+https://example.test/b.git?path=../x', /can not be a folder/],
    ['git+https://example.test/b.git?ref=main', /only path=DIR/],
  ] as const)
    test(`${location} is refused`, () => assert.throws(() => parseGitLocation(location), says));

  for (const secret of [
    'git+https://me:hunter2@example.test/b.git',
    'git+https://ghp_hunter2@example.test/b.git',
  ])
    test(`one that holds a credential is refused and not shown: ${secret.length} characters`, async () => {
      await assert.rejects(openStore(secret), (error) => {
        assert.ok(error instanceof UsageError);
        assert.ok(![error.message, error.next, error.untouched].join().includes('hunter2'));
        return true;
      });
    });
});
