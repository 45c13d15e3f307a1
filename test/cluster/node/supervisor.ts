// The first program in the box: sets it up, starts the components, starts them again when they end.
// Run by `up` as: node supervisor.ts PLAN.json, in new namespaces, with a channel that brings the listening socket.
// Nothing may be imported later than here: after moveIn() this checkout can't be seen.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, readlinkSync, renameSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { callApi, isApiReady } from './api.ts';
import { moveIn, setUpNetwork } from './box.ts';
import { apiServer, type Component, clients, containerd, etcd } from './components.ts';
import { configFiles } from './config-files.ts';
import { forwardApi } from './forward.ts';
import { writeAdminKubeconfig, writeComponentKubeconfigs } from './kubeconfig.ts';
import { makePki } from './pki.ts';
import {
  ADMIN_KUBECONFIG,
  API_PORT,
  type NodePlan,
  POD_NETWORK,
  POD_NETWORK_SOCKET,
  SERVICE_NETWORK,
  STATE,
} from './plan.ts';
import { servePodNetwork } from './pod-network.ts';

async function main(planFile: string): Promise<void> {
  const plan = JSON.parse(readFileSync(planFile, 'utf8')) as NodePlan;
  // This /proc is still the machine's, so this is our pid as nsenter(1) outside wants it.
  writeFileSync(`${plan.state}/supervisor.pid`, readlinkSync('/proc/self'));
  const listener = await receiveListener();
  moveIn(plan);
  setUpNetwork();
  for (const [file, text] of Object.entries(configFiles(plan))) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  for (const component of [containerd, etcd]) keepRunning(component);
  await makePki();
  keepRunning(apiServer);
  writeComponentKubeconfigs();
  writeAdminKubeconfig(ADMIN_KUBECONFIG, `https://127.0.0.1:${API_PORT}`);
  writeAdminKubeconfig(`${STATE}/kubeconfig.new`, plan.server);
  forwardApi(listener);
  servePodNetwork(`${STATE}/${POD_NETWORK_SOCKET}`, [POD_NETWORK, SERVICE_NETWORK]);
  await importImages();
  while (!(await isApiReady(ADMIN_KUBECONFIG))) await sleep(50);
  for (const component of clients) keepRunning(component);
  await makeDefaultStorageClass();
  renameSync(`${STATE}/kubeconfig.new`, `${STATE}/kubeconfig`);
  log('set up');
}

async function receiveListener(): Promise<Server> {
  const listener = await new Promise<Server>((resolve) => {
    process.once('message', (_, handle) => resolve(handle as Server));
  });
  process.disconnect?.();
  return listener;
}

function keepRunning(component: Component): void {
  const [program = '', ...args] = component.command;
  const output = openSync(`${STATE}/log/${component.name}.log`, 'a');
  const child = spawn(program, args, { stdio: ['ignore', output, output] });
  log(`${component.name} started, pid ${child.pid}`);
  child.once('error', (error) => log(`${component.name}: ${error.message}`));
  child.once('close', (code, signal) => {
    log(`${component.name} ended with ${signal ?? code}; starting it again in a second`);
    setTimeout(() => keepRunning(component), 1000);
  });
}

/** The pod sandbox's image must be there before the kubelet is. */
async function importImages(): Promise<void> {
  const ctr = (...args: string[]) =>
    execFileSync('ctr', ['-n', 'k8s.io', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  for (let tries = 1; ; tries++) {
    try {
      ctr('version');
      break;
    } catch (error) {
      if (tries === 600) throw error;
      await sleep(50);
    }
  }
  for (const name of ['pause', 'toolbox', 'memcached']) ctr('images', 'import', `/opt/images/${name}.tar`);
}

async function makeDefaultStorageClass(): Promise<void> {
  const { status, text } = await callApi(ADMIN_KUBECONFIG, 'POST', '/apis/storage.k8s.io/v1/storageclasses', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/host-path',
  });
  if (status !== 201) throw new Error(`the default StorageClass was not created: ${status} ${text}`);
}

function log(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
}

await main(process.argv[2] ?? '');
