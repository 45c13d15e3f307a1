import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import { cliFor } from './support/cli.ts';
import { recordingProxy } from './support/recording-proxy.ts';
import { aRelease } from './support/release.ts';
import { resourceVersions } from './support/resource-versions.ts';
import { RICH_VALUES } from './support/rich-values.ts';

const cluster = await ensureCluster();

describe('backup and list', { concurrency: true }, () => {
  for (const binary of cluster.helms) {
    test(`only read: no write is sent and no object moves (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary)
        .withPassword()
        .withValues(RICH_VALUES)
        .installed();
      await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
      using cli = cliFor(cluster, { ...release, kubeconfig: proxy.kubeconfig });
      const before = await resourceVersions(release.kubectl, release.namespace);

      await cli.ok('backup', release.name);
      await cli.ok('list');

      // A port-forward is a GET that becomes a WebSocket (POST before Kubernetes 1.30).
      const others = proxy.requests.filter(
        ({ method, path }) => method !== 'GET' && !/\/pods\/[^/]+\/portforward\b/.test(path),
      );
      assert.deepEqual(others, []);
      assert.ok(
        proxy.requests.some(({ path }) => /\/pods\/[^/]+\/portforward\b/.test(path)),
        'the pods were asked through the proxy',
      );
      assert.deepEqual(await resourceVersions(release.kubectl, release.namespace), before);
    });
  }
});
