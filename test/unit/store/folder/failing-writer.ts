/** Tries to write a backup into the store it is given, beside one that is there, and prints how that went. */
import { readdirSync } from 'node:fs';
import { ToolError } from '../../../../src/errors/tool-error.ts';
import { openStore } from '../../../../src/store/open-store.ts';
import { ADDRESS, sampleContent } from '../sample-backup.ts';

const [root = '', bytes = '0'] = process.argv.slice(2);

async function attempt(): Promise<object> {
  const store = await openStore(root);
  try {
    // At once, as a backup does it: the first to fail must not leave the others behind.
    const files = ['raw/a.json', 'raw/b.json', 'helm/chart/templates/c.yaml', 'd.md'];
    const content = 'x'.repeat(Number(bytes) / files.length);
    await store.save(
      { ...ADDRESS, id: '20261123T000000Z' },
      sampleContent(Object.fromEntries(files.map((path) => [path, content]))),
    );
    return { done: true };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const { message, untouched, next, exitCode } = error;
    return { message, untouched, next, exitCode };
  }
}

const result = await attempt();
const left = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.includes('.partial-'),
);
const listed = await (await openStore(root)).list({});
const backups = listed.map(
  ({ address, damage }) => `${address.id}${damage === undefined ? '' : ` ${damage}`}`,
);
process.stdout.write(JSON.stringify({ ...result, left, backups }));
