import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeclinedError, InterruptedError } from '../../../src/errors/tool-error.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import { askFirst } from '../../../src/session/ask-first.ts';

const SAYS = { refusal: 'not restored', untouched: 'the cluster was not changed' };

test('a no and Ctrl-C at the question both say that nothing was changed', async () => {
  const io = createMemoryIO();
  const asking = (confirm: () => Promise<boolean>) =>
    askFirst({ ...io, interactive: true, confirm }, 'Sure?', SAYS);
  await asking(async () => true);
  await assert.rejects(
    asking(async () => false),
    (error) => error instanceof DeclinedError && error.untouched === SAYS.untouched,
  );
  await assert.rejects(
    asking(async () => {
      throw new InterruptedError();
    }),
    (error) =>
      error instanceof InterruptedError &&
      !(error instanceof DeclinedError) &&
      error.untouched === SAYS.untouched &&
      error.message === 'interrupted at the question: not restored',
  );
});
