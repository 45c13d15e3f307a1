import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ToolError } from '../../../../src/errors/tool-error.ts';
import {
  GitFailure,
  gitReadError,
  gitWriteError,
  troubleOf,
  wordsOf,
} from '../../../../src/store/git/git-failure.ts';
import { plainSecretsIn } from '../../../../src/store/git/plain-secrets.ts';
import { spelled } from '../../spelled.ts';
import { sampleDocument } from '../sample-backup.ts';

describe('what git says', () => {
  for (const [said, trouble] of [
    ['Host key verification failed.\nfatal: Could not read from remote repository.', 'host key unknown'],
    [
      '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.',
      'host key changed',
    ],
    [
      'git@example.test: Permission denied (publickey).\nfatal: Could not read from remote repository.',
      'key refused',
    ],
    [
      "fatal: could not read Username for 'https://example.test': terminal prompts disabled",
      'authentication',
    ],
    [
      "remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://example.test/'",
      'authentication',
    ],
    ['ERROR: The key you are authenticating with has been marked as read only.', 'denied'],
    ['remote: error: GH006: Protected branch update failed for refs/heads/main.', 'declined'],
    [' ! [remote rejected] main -> main (pre-receive hook declined)', 'declined'],
    ['remote: error: denying ref deletion for refs/tags/x', 'declined'],
    ['ERROR: Repository not found.', 'not found'],
    ["fatal: '/srv/x.git' does not appear to be a git repository", 'not found'],
    ['fatal: sha1 file write error: No space left on device', 'full'],
    ['fatal: unable to access: Could not resolve host: example.test', 'network'],
    ['ssh: connect to host 127.0.0.1 port 1: Connection refused', 'network'],
    ['server certificate verification failed. CAfile: none', 'certificate'],
    ['error: gpg failed to sign the data', 'no signature'],
    ["error: Couldn't load public key /none/key.pub: No such file or directory?", 'no signature'],
    ['fatal: either user.signingkey or gpg.ssh.defaultKeyCommand needs to be configured', 'no signature'],
    [
      'Load key "/k": incorrect passphrase supplied to decrypt private key\nPermission denied (publickey).',
      'key refused',
    ],
    ['fatal: the receiving end does not support --atomic push', 'no atomic push'],
    [' ! [rejected] main -> main (fetch first)', 'raced'],
    ["remote: error: cannot lock ref 'refs/heads/main': is at a but expected b", 'raced'],
    ['fatal: a word that nobody knows', 'other'],
  ] as const)
    test(`${said.split('\n').at(0)} is ${trouble}`, () => {
      assert.equal(troubleOf(said), trouble);
      const store = { location: 'git+ssh://x/y', flags: [] };
      for (const error of [gitReadError, gitWriteError].map((make) =>
        make(new GitFailure('push', said), store),
      )) {
        assert.ok(error instanceof ToolError);
        assert.match(spelled(error.next), /./);
        assert.ok(error.message.includes(store.location));
      }
    });

  test('is shown in one line, without credentials and control characters', () => {
    assert.equal(
      wordsOf('remote: \u001b[31mno\r\nhint: x\nfatal: https://me:hunter2@example.test/ fails\n'),
      '[31mno; fatal: https://example.test/ fails',
    );
  });
});

describe('Secrets in plain text', () => {
  const { helm: _, ...plain } = sampleDocument();
  const object = {
    apiVersion: 'v1',
    kind: 'Secret',
    name: 'x',
    namespace: 'shop',
    role: 'owned',
    from: 'manifest',
    raw: 'raw/x.json',
  } as const;

  test("are those of the release, and Helm's record in one", () => {
    assert.equal(plainSecretsIn(plain), undefined);
    assert.match(plainSecretsIn(sampleDocument()) ?? '', /Helm's record/);
    assert.equal(plainSecretsIn({ ...plain, objects: [object] }), 'a Secret');
    assert.equal(plainSecretsIn({ ...plain, objects: [object, object] }), '2 Secrets');
  });

  test("Helm's record holds them in a ConfigMap as well", () => {
    const { helm } = sampleDocument();
    const inConfigMaps = { ...helm!, driver: 'configmap' } as const;
    assert.match(plainSecretsIn({ ...plain, helm: inConfigMaps }) ?? '', /Helm's record/);
  });

  test('are none in a backup that was taken without them, although Helm manages the release', () => {
    const { helm } = sampleDocument();
    const taken = {
      ...plain,
      helm: { ...helm!, revisions: [] },
      withoutSecrets: { objects: [], records: [] },
    };
    assert.equal(plainSecretsIn(taken), undefined);
    assert.equal(plainSecretsIn({ ...taken, objects: [object] }), 'a Secret');
  });

  test('are none in a backup that is sealed', () => {
    const sealed = { recipients: [{ type: 'passphrase' }] } as const;
    assert.equal(
      plainSecretsIn(sampleDocument({}, { sealed: { recipients: [...sealed.recipients] } })),
      undefined,
    );
  });
});
