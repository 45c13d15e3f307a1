import { type Finding, SEVERITIES } from '../model/findings/finding.ts';
import type { Fix } from './look-again.ts';
import type { Ward } from './doctor-context.ts';

/** What doctor did and found. */
export interface Examination {
  /** Undefined where the cluster could not be reached. */
  ward: Ward | undefined;
  findings: Finding[];
  startedAt: Date;
  finishedAt: Date;
  /** What --fix did; the findings are those after it. */
  fixes?: Fix[];
}

/** `doctor -o json`: documented in docs/output.md. */
export function examinationData({ ward, findings, startedAt, finishedAt, fixes }: Examination): unknown {
  return {
    startedAt: startedAt.toISOString(),
    durationMs: finishedAt.getTime() - startedAt.getTime(),
    ...(ward === undefined
      ? { reachable: false }
      : {
          reachable: true,
          server: ward.kube.server,
          serverVersion: ward.connection.serverVersion,
          ...(ward.namespace === undefined ? {} : { namespace: ward.namespace }),
          releases: ward.releases.map(({ namespace, name }) => ({ namespace, name })),
        }),
    counts: Object.fromEntries(
      SEVERITIES.map((severity) => [
        severity,
        findings.filter((finding) => finding.severity === severity).length,
      ]),
    ),
    findings: findings.map(({ about: _, repair, ...shown }) => ({
      ...shown,
      fixable: repair !== undefined,
    })),
    ...(fixes === undefined ? {} : { fixes }),
  };
}
