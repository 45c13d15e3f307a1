import { goTool } from '../../cluster/build/go-tool.ts';
import { freePort } from '../free-port.ts';
import { type StartedServer, startedServer } from './started-server.ts';

/** A Pushgateway of its own on 127.0.0.1. */
export interface Pushgateway extends StartedServer {
  /** All that it has, in the text format. */
  metrics(): Promise<string>;
}

/** @param prefix the path in front of its own. */
export async function startPushgateway(prefix = ''): Promise<Pushgateway> {
  const port = await freePort();
  const args = [
    `--web.listen-address=127.0.0.1:${port}`,
    `--web.route-prefix=${prefix}`,
    '--log.level=error',
  ];
  const server = await startedServer(await goTool('pushgateway'), args, { port });
  const url = `${server.url}${prefix}`;
  return { ...server, url, metrics: async () => (await fetch(`${url}/metrics`)).text() };
}
