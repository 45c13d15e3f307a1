import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { open, seal } from '../../../../src/store/seal/age.ts';
import { parseIdentities } from '../../../../src/store/seal/identity.ts';
import { parseRecipient } from '../../../../src/store/seal/recipient.ts';
import { ageProgram } from '../../../support/age-program.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** More than one chunk of age's stream, which has 64 KiB. */
const CONTENT = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 251));

let age: string;
let keygen: string;
before(async () => {
  ({ age, keygen } = await ageProgram());
});

/** Each kind of key: makes a private key's file, and tells its public half. */
const KINDS: Record<string, (file: string) => string> = {
  X25519: (file) => {
    execFileSync(keygen, ['-o', file], { stdio: 'pipe' });
    return execFileSync(keygen, ['-y', file], { encoding: 'utf8' }).trim();
  },
  'the post-quantum hybrid': (file) => {
    execFileSync(keygen, ['-pq', '-o', file], { stdio: 'pipe' });
    return execFileSync(keygen, ['-y', file], { encoding: 'utf8' }).trim();
  },
  'ssh-ed25519': (file) => sshKey(file, ['-t', 'ed25519']),
  'ssh-rsa': (file) => sshKey(file, ['-t', 'rsa', '-b', '2048']),
  'ssh-rsa in PEM': (file) => sshKey(file, ['-t', 'rsa', '-b', '3072', '-m', 'PEM']),
};

function sshKey(file: string, options: string[]): string {
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', 'somebody@example', ...options, '-f', file]);
  return readFileSync(`${file}.pub`, 'utf8').trim();
}

for (const [kind, make] of Object.entries(KINDS)) {
  describe(`with ${kind}`, () => {
    test('age opens what is sealed here', async (t) => {
      const folder = await temporaryFolder(t);
      const key = join(folder, 'key');
      const recipient = parseRecipient(make(key));
      writeFileSync(join(folder, 'sealed'), await seal(CONTENT, { recipients: [recipient] }));
      const opened = execFileSync(age, ['-d', '-i', key, join(folder, 'sealed')], { maxBuffer: 2 ** 20 });
      assert.ok(opened.equals(CONTENT));
    });

    test('what age sealed is opened here', async (t) => {
      const folder = await temporaryFolder(t);
      const key = join(folder, 'key');
      const sealed = execFileSync(age, ['-r', make(key)], { input: CONTENT, maxBuffer: 2 ** 20 });
      const identities = parseIdentities(readFileSync(key, 'utf8'));
      assert.ok((await open(sealed, { identities }, 'it')).equals(CONTENT));
    });
  });
}

describe('with a passphrase', () => {
  // age asks a terminal alone; script(1) is one.
  const onTerminal = (command: string, typed: string, cwd: string): void => {
    const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      cwd,
      input: typed,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout);
  };

  test('age opens what is sealed here', async (t) => {
    const folder = await temporaryFolder(t);
    writeFileSync(join(folder, 'sealed'), await seal(CONTENT, { passphrase: 'correct horse' }));
    onTerminal(`'${age}' -d -o opened sealed`, 'correct horse\n', folder);
    assert.ok(readFileSync(join(folder, 'opened')).equals(CONTENT));
  });

  test('what age sealed is opened here', async (t) => {
    const folder = await temporaryFolder(t);
    writeFileSync(join(folder, 'plain'), CONTENT);
    onTerminal(`'${age}' -p -o sealed plain`, 'correct horse\ncorrect horse\n', folder);
    const sealed = readFileSync(join(folder, 'sealed'));
    const openers = { identities: [], passphrase: async () => 'correct horse' };
    assert.ok((await open(sealed, openers, 'it')).equals(CONTENT));
  });
});

test('two recipients: either key opens it, by age and here', async (t) => {
  const folder = await temporaryFolder(t);
  const keys = ['X25519', 'ssh-ed25519'].map((kind) => ({ file: join(folder, kind), make: KINDS[kind]! }));
  const recipients = keys.map(({ file, make }) => parseRecipient(make(file)));
  const sealed = await seal(CONTENT, { recipients });
  writeFileSync(join(folder, 'sealed'), sealed);
  for (const { file } of keys) {
    chmodSync(file, 0o600);
    assert.ok(
      execFileSync(age, ['-d', '-i', file, join(folder, 'sealed')], { maxBuffer: 2 ** 20 }).equals(CONTENT),
    );
    const identities = parseIdentities(readFileSync(file, 'utf8'));
    assert.ok((await open(sealed, { identities }, 'it')).equals(CONTENT));
  }
});
