import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');

/**
 * Texts that are read elsewhere, without a connection: help pages, what codes mean, a backup's own RUNBOOK.md, and Helm's
 * description of a revision.
 */
const DOCUMENTS =
  /^src\/(?:advice\/|cli\/|backup\/runbook\.ts|model\/metrics\/|restore\/write\/helm-record\.ts|store\/seal\/sealed-runbook\.ts|.*codes\.ts)/;

/** A command in a string: its words could not be told apart any more, and the connection would be missing. */
const IN_STRING =
  /['"`](?:[^'"`]*(?:[(|:;,]\s?|then |or ))?(?:kubectl (?:memcached-backup|\$\{|-n |annotate|api-resources|apply|auth|config|create|delete|describe|edit|get|label|logs|patch|rollout|scale|set|top)|helm (?:memcached-backup|history|rollback|status|get|list|uninstall|install) ?[^a-z])/;

/** Lines of code, without what is said about it. */
function codeLines(text: string): string[] {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').split('\n');
}

test('commands that are advised are structures, never strings', () => {
  const found = globSync('src/**/*.ts', { cwd: ROOT })
    .filter((file) => !DOCUMENTS.test(file))
    .flatMap((file) =>
      codeLines(readFileSync(join(ROOT, file), 'utf8'))
        .filter((line) => IN_STRING.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
  assert.deepEqual(found, []);
});

test('a string that holds one is seen', () => {
  for (const line of [
    "next: 'kubectl get pods',",
    'fix: [`1; kubectl -n cache patch`]',
    '`to go back: kubectl memcached-backup undo`',
    '(`(helm history -n)`)',
  ])
    assert.match(line, IN_STRING);
  for (const line of [
    "kubectl('get', 'pods')",
    "'the next helm upgrade or rollback does'",
    "['kubectl', TOOL]",
  ])
    assert.doesNotMatch(line, IN_STRING);
});
