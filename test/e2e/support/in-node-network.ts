import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instanceFrom } from '../../cluster/instance.ts';
import { API_PORT, NODE_IP } from '../../cluster/node/plan.ts';
import { output } from '../../cluster/run.ts';

/** The address by which pods reach what listens in the node's network. */
export const NODE_ADDRESS = NODE_IP;

/** Words in front of a command that make it run in the network of the node, with the files of this machine. */
export function inNodeNetwork(): string[] {
  const supervisor = readFileSync(join(instanceFrom().state, 'supervisor.pid'), 'utf8').trim();
  return ['nsenter', '--target', supervisor, '--net'];
}

/** A kubeconfig that leads to the API server from there. @param folder where it is written. */
export function kubeconfigInNode(kubeconfig: string, folder: string): string {
  const path = join(folder, 'kubeconfig-in-node');
  const there = readFileSync(kubeconfig, 'utf8').replace(
    /https:\/\/127\.0\.0\.1:\d+/g,
    `https://127.0.0.1:${API_PORT}`,
  );
  writeFileSync(path, there, { mode: 0o600 });
  return path;
}

/** Starts a server there, and waits until its port takes connections. */
export async function serverInNode(words: string[], port: number): Promise<ChildProcess> {
  const [program = '', ...args] = [...inNodeNetwork(), ...words];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [enter = '', ...rest] = inNodeNetwork();
  const until = `for i in $(seq 200); do (: </dev/tcp/${NODE_ADDRESS}/${port}) 2>/dev/null && exit 0; sleep 0.05; done; exit 1`;
  try {
    await output(enter, [...rest, 'bash', '-c', until]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return child;
}
