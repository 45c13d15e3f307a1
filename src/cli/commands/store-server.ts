import { UsageError } from '../../errors/tool-error.ts';
import type { CommandSpec } from '../command-spec.ts';

/** sha256, hex. */
const DIGEST = /^[0-9a-f]{64}$/;

/** Of a port that somebody chooses. */
function portIn(text: string | undefined): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UsageError(`"${text ?? ''}" is not a port`);
}

/** What runs in the pod of a store on a claim (src/store/pvc). */
export const storeServerCommand: CommandSpec = {
  name: 'store-server',
  arguments: [],
  summary: 'Serve the store in a folder to this tool, over a port-forward',
  hidden: true,
  flags: [
    { name: 'folder', type: 'string', neverEmpty: true, describe: 'The folder of the store' },
    { name: 'port', type: 'string', describe: 'Where to listen, on 127.0.0.1' },
    { name: 'token-sha256', type: 'string', describe: 'The digest of what clients have to show' },
  ],
  examples: [],
  run: async ({ values }, context) => {
    const folder = values.text('folder');
    const digest = values.text('token-sha256') ?? '';
    if (folder === undefined)
      throw new UsageError('store-server needs a folder', { next: '--folder FOLDER' });
    if (!DIGEST.test(digest)) throw new UsageError('store-server needs the digest of a token');
    const port = portIn(values.text('port'));
    const { storeServer } = await import('../../commands/store-server.ts');
    return storeServer({ folder, port, tokenDigest: Buffer.from(digest, 'hex') }, context);
  },
};
