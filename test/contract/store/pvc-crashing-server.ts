/**
 * Serves the store in a folder as a claim's pod does, prints port and token, and is killed just before its Nth file
 * operation. Arguments: the folder, and N.
 */
import { killBefore } from '../../support/kill-before.ts';

const [root = '', at = ''] = process.argv.slice(2);
killBefore(Number(at), ['open', 'mkdir', 'chmod', 'rename', 'rm']);

const { serveFolder } = await import('../../support/pvc/served-claim.ts');
const { port, token } = await serveFolder(root);
console.log(JSON.stringify({ port, token: token.toString('hex') }));
