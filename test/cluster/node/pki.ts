import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { FIRST_SERVICE_IP, NODE_IP, NODE_NAME, PKI } from './plan.ts';

const run = promisify(execFile);

/** Who gets a certificate: the subject is user name and groups in Kubernetes, see "X509 client certificates". */
const LEAVES: Record<string, { subject: string; names?: string }> = {
  apiserver: {
    subject: '/CN=kube-apiserver',
    names: `IP:127.0.0.1,IP:${NODE_IP},IP:${FIRST_SERVICE_IP},DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc`,
  },
  admin: { subject: '/O=system:masters/CN=admin' },
  node: {
    subject: `/O=system:nodes/CN=system:node:${NODE_NAME}`,
    names: `DNS:${NODE_NAME},IP:${NODE_IP},IP:127.0.0.1`,
  },
  'controller-manager': { subject: '/CN=system:kube-controller-manager' },
  scheduler: { subject: '/CN=system:kube-scheduler' },
  proxy: { subject: '/CN=system:kube-proxy' },
};

/**
 * The authority's: the API server checks its signature of the client's certificate at each request, which takes RSA a
 * quarter of what it takes an elliptic curve.
 */
const AUTHORITY_KEY = ['-newkey', 'rsa:2048', '-nodes'];
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A new authority and everyone's certificate, in PKI: `ca.crt`, `<name>.crt`, `<name>.key`, `sa.key`, `sa.pub`. */
export async function makePki(): Promise<void> {
  mkdirSync(PKI, { recursive: true, mode: 0o700 });
  writeFileSync(
    `${PKI}/openssl.cnf`,
    '[req]\ndistinguished_name=dn\n[dn]\n[v3_ca]\nbasicConstraints=critical,CA:TRUE\n',
  );
  const ca = [
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-days',
    '365',
    '-subj',
    '/CN=test-cluster-ca',
    '-extensions',
    'v3_ca',
  ];
  await openssl('req', '-x509', ...AUTHORITY_KEY, ...ca);
  await Promise.all([serviceAccountKey(), ...Object.keys(LEAVES).map(leaf)]);
}

async function serviceAccountKey(): Promise<void> {
  await openssl('genrsa', '-out', 'sa.key', '2048');
  await openssl('rsa', '-in', 'sa.key', '-pubout', '-out', 'sa.pub');
}

async function leaf(name: string): Promise<void> {
  const { subject, names } = LEAVES[name]!;
  writeFileSync(`${PKI}/${name}.ext`, names ? `subjectAltName=${names}\n` : 'keyUsage=digitalSignature\n');
  await openssl('req', ...NEW_KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
  const issuer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-days', '365', '-extfile', `${name}.ext`];
  await openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, ...issuer);
}

async function openssl(...args: string[]): Promise<void> {
  await run('openssl', args, {
    cwd: PKI,
    env: { PATH: process.env.PATH, OPENSSL_CONF: `${PKI}/openssl.cnf` },
  });
}
