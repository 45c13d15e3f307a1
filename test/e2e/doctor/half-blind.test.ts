import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { ensureCluster } from '../../cluster/cluster.ts';
import { codesOf, type Diagnosis, diagnose } from '../support/doctor/diagnosis.ts';
import { behindAProxy } from '../support/doctor/faults/access.ts';
import { removeSharedRelease } from '../support/doctor/shared-release.ts';
import type { RecordedRequest } from '../support/recording-proxy.ts';
import { refusal } from '../support/recording-proxy.ts';

const cluster = await ensureCluster();
after(removeSharedRelease);

/** Lists of kinds; not the version, not reviews. */
const isList = ({ method, path }: RecordedRequest): boolean =>
  method === 'GET' &&
  /^\/apis?\/.*\/[a-z]+(?:\?|$)/.test(path) &&
  !path.startsWith('/api/v1/namespaces/kube-system');

function unknowns({ findings }: Diagnosis): string {
  return findings.flatMap(({ severity, summary }) => (severity === 'unknown' ? [summary] : [])).join('\n');
}

describe('doctor goes on where the API server does not', { concurrency: true }, () => {
  test('every list answered with 500: it ends, and says of each kind that it could not be read', async () => {
    await using release = await behindAProxy(cluster, (request) =>
      isList(request) ? refusal(500, 'InternalError') : undefined,
    );

    const diagnosis = await diagnose(release);

    for (const kind of ['pods', 'deployments.apps', 'cronjobs.batch', 'events', 'persistentvolumeclaims']) {
      assert.match(unknowns(diagnosis), new RegExp(`^${kind} could not be read`, 'm'));
    }
    assert.deepEqual(codesOf(diagnosis), [], 'what nobody saw is no failure');
  });

  for (const kind of ['cronjobs', 'pods', 'events', 'configmaps']) {
    test(`a list of ${kind} that never ends: the rest is looked at, inside the deadline`, async () => {
      await using release = await behindAProxy(cluster, (request) =>
        isList(request) && request.path.includes(`/${kind}`) ? new Promise(() => {}) : undefined,
      );

      const diagnosis = await diagnose(release);

      assert.match(unknowns(diagnosis), new RegExp(`^${kind}\\S* could not be read`, 'm'));
      assert.ok(diagnosis.durationMs < 25_000, `${diagnosis.durationMs} ms`);
      const areas = new Set(diagnosis.findings.map(({ area }) => area));
      assert.ok(areas.size > 1, [...areas].join());
    });
  }
});
