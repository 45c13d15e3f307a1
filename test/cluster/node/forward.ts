import { connect, type Server } from 'node:net';
import { API_PORT } from './plan.ts';

/**
 * Passes connections from this machine's 127.0.0.1 on to the API server in the box. The listener was opened outside:
 * it accepts there, whatever network namespace its holder lives in.
 */
export function forwardApi(listener: Server): void {
  listener.on('connection', (outside) => {
    const inside = connect({ host: '127.0.0.1', port: API_PORT, noDelay: true });
    outside.setNoDelay(true);
    outside.pipe(inside).pipe(outside);
    outside.on('error', () => inside.destroy());
    inside.on('error', () => outside.destroy());
    outside.on('close', () => inside.destroy());
    inside.on('close', () => outside.destroy());
  });
}
