import type { Finding } from '../../model/findings/finding.ts';
import { finding } from '../catalogue.ts';
import type { DoctorContext } from '../doctor-context.ts';
import { judgeConnection, judgeVersions } from './server-and-credentials.ts';
import { examineServiceAccounts } from './service-accounts.ts';
import { examineYourPermissions } from './your-permissions.ts';

/** Can the cluster be reached, and may you, and the backup's service account, do what the commands need? */
export async function examineAccess(doctor: DoctorContext): Promise<Finding[]> {
  const { kube, reader, connection, now } = doctor;
  const { serverVersion } = connection;
  const nodes = await reader.list('v1', 'Node');
  const [yours, accounts] = await Promise.all([
    reader.try('what you may do', () => examineYourPermissions(doctor)),
    reader.try("what the backups' service accounts may do", () => examineServiceAccounts(doctor)),
  ]);
  const findings = [
    ...judgeConnection(connection, now),
    ...judgeVersions(serverVersion, nodes ?? []),
    ...(yours ?? []),
    ...(accounts ?? []),
  ];
  if (findings.length > 0) return findings;
  return [finding('MB100', { summary: `${kube.server} answers, Kubernetes ${serverVersion}` })];
}
