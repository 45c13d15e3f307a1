import { readFileSync, writeFileSync } from 'node:fs';
import { API_PORT, CONFIG, PKI } from './plan.ts';

const COMPONENTS = ['node', 'controller-manager', 'scheduler', 'proxy'];

/** Every component's kubeconfig, `CONFIG/<name>.kubeconfig`. JSON is YAML, and needs no library. */
export function writeComponentKubeconfigs(): void {
  for (const name of COMPONENTS) write(`${CONFIG}/${name}.kubeconfig`, name, `https://127.0.0.1:${API_PORT}`);
}

/** The kubeconfig for people and tests, complete in itself so that a copy works anywhere on this machine. */
export function writeAdminKubeconfig(file: string, server: string): void {
  write(file, 'admin', server);
}

function write(file: string, user: string, server: string): void {
  const data = (name: string) => readFileSync(`${PKI}/${name}`).toString('base64');
  const name = 'test-cluster';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': data('ca.crt') } }],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': data(`${user}.crt`), 'client-key-data': data(`${user}.key`) },
      },
    ],
    contexts: [{ name, context: { cluster: name, user, namespace: 'default' } }],
  };
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}
