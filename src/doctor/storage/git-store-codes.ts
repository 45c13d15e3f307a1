import type { Codes } from '../code.ts';

/** What keeps a store in a Git repository from being used. */
export const GIT_STORE_CODES = {
  MB383: {
    severity: 'fail',
    title: 'The host key of the store’s server is not known',
    cause:
      'The repository is reached by SSH, and no known_hosts of whoever runs this has the server’s key: it was never visited from here, or a pod has no such file.',
    evidence: 'What ssh says: Host key verification failed.',
    fix: 'Compare what `ssh-keyscan` prints with what the server publishes, and put it into known_hosts.',
    hides: ['MB401'],
  },
  MB384: {
    severity: 'fail',
    title: 'The host key of the store’s server has changed',
    cause: 'Another key of the server is in known_hosts: it was made anew, or somebody stands in between.',
    evidence: 'What ssh says: REMOTE HOST IDENTIFICATION HAS CHANGED.',
    fix: 'Ask whoever runs the server. Only then: `ssh-keygen -R`, and take the new key.',
    hides: ['MB401'],
  },
  MB385: {
    severity: 'fail',
    title: 'The store’s server refuses the SSH key',
    cause: 'None of the keys that ssh offered is one of the repository’s, or of an account that may see it.',
    evidence: 'What ssh says: Permission denied (publickey).',
    fix: 'Add the public key to the repository as a deploy key with write access; GIT_SSH_COMMAND names the private one.',
    hides: ['MB401'],
  },
  MB386: {
    severity: 'fail',
    title: 'Git has no login for the store that its server takes',
    cause:
      'No credential helper gives a user and password, or a token, for the server; or the one that it gives is wrong, or has expired.',
    evidence: 'What git says: could not read Username, or Authentication failed.',
    fix: 'Let a credential helper give a token that may write to the repository (`git help credentials`).',
    hides: ['MB401'],
  },
  MB387: {
    severity: 'fail',
    title: 'The store may be read, and not pushed to',
    cause: 'The key or token has read access alone, or the repository is archived.',
    evidence:
      'The server’s words to a push that it can’t but refuse, because it holds a ref below another one: nothing of it is ever taken.',
    fix: 'Give the key or token write access.',
    hides: ['MB401'],
  },
  MB388: {
    severity: 'fail',
    title: 'The store’s server declines the push',
    cause: 'The branch or its tags are protected, or a hook on the server says no.',
    evidence:
      'The server’s words to a push that it can’t but refuse, because it holds a ref below another one: its hooks and rules were asked, and nothing of it is ever taken.',
    fix: 'Let the user of the backups push to the branch, and make tags below backup/ and verified/; or name a branch of its own: `#BRANCH`.',
    hides: ['MB401'],
  },
  MB389: {
    severity: 'warn',
    title: 'The branch of the store was rewritten',
    cause:
      'Commits that backups were pushed as are not in the history of the branch any more: somebody pushed by force, reset or deleted it. No backup is lost, because its tag holds it, and the next one goes on from where the branch is now. But what the branch shows is older than the newest backup, a diff of it leaps, and what was to be taken out of the history is not while tags hold it.',
    evidence: 'The backups’ tags, which say to which branch each was pushed, and the branch’s history.',
    fix: 'Nothing, where it was meant. Else ask who did it, protect the branch from force pushes, and take the next backup.',
  },
  MB390: {
    severity: 'fail',
    title: 'The store’s repository does not exist',
    cause: 'The address is wrong, the repository was deleted, or it is not shown to this user.',
    evidence: 'What the server says: not found, or does not appear to be a git repository.',
    fix: 'Correct the address, or make it: `git init --bare DIR`.',
    hides: ['MB401'],
  },
  MB391: {
    severity: 'fail',
    title: 'The disk of the store’s server, or of the cache, is full',
    cause: 'The server has no room, or a quota is used up; or this machine has none for git’s cache.',
    evidence: 'What git says: No space left on device, or about a quota.',
    fix: 'Free some space on the server, and here: `df -h ~/.cache`.',
    hides: ['MB401'],
  },
  MB392: {
    severity: 'fail',
    title: 'There is no git that can be used',
    cause: 'A store in Git takes the program `git`, 2.31 or later, which is not on PATH or older.',
    evidence: '`git version`.',
    fix: 'Install it.',
    hides: ['MB401'],
  },
  MB393: {
    severity: 'fail',
    title: 'The store’s server takes no atomic push',
    cause: 'Branch and tag have to arrive both or not at all, and the server says that it can’t do that.',
    evidence: 'What git says: the receiving end does not support --atomic push.',
    fix: 'Update the server (receive.advertiseAtomic of Git’s own), or use another one.',
    hides: ['MB401'],
  },
  MB394: {
    severity: 'fail',
    title: 'Git can’t sign',
    cause:
      '`commit.gpgSign` or `tag.gpgSign` is set where backups are taken, and the key or its agent is not there, or asks for a passphrase.',
    evidence: 'What git says when a commit is made: failed to sign the data.',
    fix: 'Mend it (`git config --get-regexp gpg`), or let backups be signed by `--sign-key` instead.',
    hides: ['MB401'],
  },
} as const satisfies Codes;
