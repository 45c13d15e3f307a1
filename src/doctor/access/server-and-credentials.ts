import { advice } from '../../advice/advice.ts';
import { kubectl, shell } from '../../advice/command.ts';
import type { ConnectionFacts } from '../../kube/client.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { stringAt } from '../../model/json/json.ts';
import { type KubeObject, refOf } from '../../model/kubernetes/object.ts';
import { minorOf } from '../../model/kubernetes/server-version.ts';
import { finding } from '../catalogue.ts';

/** So long before its end a certificate or a token is worth a warning, milliseconds. */
const SOON_MS = 14 * 24 * 3600_000;
/** A restore's Lease lasts 15 s; the Date header has whole seconds. */
const SKEW_MS = 5_000;
/** autoscaling/v2 is served from 1.23 on (Kubernetes, Deprecated API Migration Guide). */
const OLDEST_MINOR = 23;
/** Kubernetes, Version Skew Policy: a kubelet may be up to three minor versions older. */
const KUBELET_SKEW = 3;

/** What is wrong with certificates, credentials and clocks. Pure. */
export function judgeConnection(facts: ConnectionFacts, now: Date): Finding[] {
  const findings: Finding[] = [];
  const { clocks, serverCertificateEnds, credentialsEnd } = facts;
  if (credentialsEnd !== undefined && endsSoon(credentialsEnd.at, now)) {
    findings.push(
      finding('MB103', {
        summary: `your ${credentialsEnd.what} ends in ${daysUntil(credentialsEnd.at, now)}`,
        evidence: [{ text: `it ends at ${credentialsEnd.at.toISOString()}` }],
        advice: [kubectl('auth', 'whoami')],
      }),
    );
  }
  if (serverCertificateEnds !== undefined && endsSoon(serverCertificateEnds, now)) {
    findings.push(
      finding('MB104', {
        summary: `the API server's certificate ends in ${daysUntil(serverCertificateEnds, now)}`,
        evidence: [{ text: `it ends at ${serverCertificateEnds.toISOString()}` }],
        advice: [advice`on a control plane node: ${shell('kubeadm', 'certs', 'check-expiration')}`],
      }),
    );
  }
  const skew = clocks === undefined ? 0 : skewOf(clocks);
  if (Math.abs(skew) > SKEW_MS) {
    const seconds = `${Math.round(Math.abs(skew) / 1000)} s`;
    findings.push(
      finding('MB105', {
        summary: `this machine's clock is ${seconds} ${skew > 0 ? 'behind' : 'ahead of'} the API server's`,
        evidence: [{ text: `server ${clocks?.server.toISOString()}, here ${clocks?.local.toISOString()}` }],
        advice: [shell('date', '-u'), 'set the clock of this machine by a time server'],
      }),
    );
  }
  return findings;
}

/** What is wrong with the versions of the API server and of the kubelets. Pure. */
export function judgeVersions(serverVersion: string, nodes: readonly KubeObject[]): Finding[] {
  const server = minorOf(serverVersion);
  if (server === undefined) return [];
  const findings: Finding[] = [];
  if (server < OLDEST_MINOR) {
    findings.push(
      finding('MB106', {
        summary: `the API server is Kubernetes ${serverVersion}; this tool needs 1.${OLDEST_MINOR}`,
        evidence: [{ text: `gitVersion: ${serverVersion}` }],
      }),
    );
  }
  for (const node of nodes) {
    const version = stringAt(node, 'status', 'nodeInfo', 'kubeletVersion') ?? '';
    const minor = minorOf(version);
    if (minor === undefined || (minor <= server && server - minor <= KUBELET_SKEW)) continue;
    const how = minor > server ? 'newer than' : 'too old for';
    findings.push(
      finding('MB107', {
        object: refOf(node),
        summary: `its kubelet ${version} is ${how} the API server's ${serverVersion}`,
        evidence: [{ text: `kubeletVersion: ${version}` }],
        advice: [kubectl('get', 'nodes')],
      }),
    );
  }
  return findings;
}

/** How far the server's clock is ahead. Its header is rounded down to whole seconds: half of one, on average. */
function skewOf({ server, local }: { server: Date; local: Date }): number {
  return server.getTime() + 500 - local.getTime();
}

function endsSoon(at: Date, now: Date): boolean {
  return at.getTime() - now.getTime() < SOON_MS;
}

function daysUntil(at: Date, now: Date): string {
  const hours = Math.max(0, Math.floor((at.getTime() - now.getTime()) / 3600_000));
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}
