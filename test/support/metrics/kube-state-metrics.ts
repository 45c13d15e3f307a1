import { goTool } from '../../cluster/build/go-tool.ts';
import { freePort } from '../free-port.ts';
import { type StartedServer, startedServer } from './started-server.ts';

/** A kube-state-metrics on 127.0.0.1, of the CronJobs and Jobs of one namespace; everything else as it is by itself. */
export async function startKubeStateMetrics(kubeconfig: string, namespace: string): Promise<StartedServer> {
  const [port, telemetry] = [await freePort(), await freePort()];
  const args = [
    `--kubeconfig=${kubeconfig}`,
    ...['--host=127.0.0.1', `--port=${port}`, '--telemetry-host=127.0.0.1', `--telemetry-port=${telemetry}`],
    ...['--resources=cronjobs,jobs', `--namespaces=${namespace}`],
  ];
  return startedServer(await goTool('kube-state-metrics'), args, { port });
}
