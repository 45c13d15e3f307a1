import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutGivenContext } from '../../e2e/support/given-context.ts';

const outcome = (stderr: string) => ({ command: 'tool', stdout: '', stderr, code: 0, ms: 1 });

test('a command without the context that was given is found wherever somebody would paste it from', () => {
  for (const text of [
    'Next: kubectl auth can-i --list',
    'Next: once the cause is gone: kubectl memcached-backup undo cart -n shop',
    '          look: helm history cart -n shop',
    '          fix: kubectl --context other -n shop patch x | kubectl apply -f -',
    'To go back: helm memcached-backup undo cart',
    'wait for it (helm history cart -n shop), then again',
  ])
    assert.throws(() => withoutGivenContext(outcome(text), 'prod'), /lacks --context prod/, text);
});

test('one that has it is shown without, and prose is no command', () => {
  for (const [text, shown] of [
    ['Next: kubectl --context prod get pods', 'Next: kubectl get pods'],
    ['Next: helm --kube-context prod list', 'Next: helm list'],
    ['Next: kubectl memcached-backup --context prod undo x', 'Next: kubectl memcached-backup undo x'],
    ['the next helm upgrade or rollback does', 'the next helm upgrade or rollback does'],
    ['          kubectl get secrets > x', '          kubectl get secrets > x'],
  ] as const)
    assert.equal(withoutGivenContext(outcome(text), 'prod').stderr, shown);
});
