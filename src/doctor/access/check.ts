import type { Finding } from '../../model/findings/finding.ts';
import { finding } from '../catalogue.ts';
import type { AreaCheck, Ward } from '../doctor-context.ts';
import { judgeConnection, judgeVersions } from './connection.ts';
import { examineServiceAccounts } from './service-accounts.ts';
import { examineYourPermissions } from './your-permissions.ts';

/** Can the cluster be reached, and may you, and the backup's service account, do what the commands need? */
export const accessCheck: AreaCheck = {
  area: 'access',
  kinds: [
    ['v1', 'Node'],
    ['batch/v1', 'CronJob'],
  ],
  examine: examineAccess,
};

async function examineAccess(ward: Ward): Promise<Finding[]> {
  const { kube, sight, connection, now } = ward;
  const { serverVersion } = connection;
  const nodes = await sight.list('v1', 'Node');
  const [yours, accounts] = await Promise.all([
    sight.try('what you may do', () => examineYourPermissions(ward)),
    sight.try("what the backups' service accounts may do", () => examineServiceAccounts(ward)),
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
