import { after, describe } from 'node:test';
import { connectKube } from '../../src/kube/connect.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { toolImage } from '../cluster/tool-image.ts';
import { ClaimKind } from '../contract/store/claim-kind.ts';
import { storeContract } from '../contract/store/contract.ts';
import { aClaim } from './support/a-claim.ts';
import { BINARY } from './support/cli.ts';
import { aNamespace } from './support/namespace.ts';

const cluster = await ensureCluster();
const skip = cluster.external && 'volumes and images are made in the node of our own cluster only';

describe('the contract on a real claim', { skip }, async () => {
  if (skip) return;
  const image = await toolImage(BINARY);
  const place = await aNamespace(cluster, 'claim-contract');
  const claim = await aClaim(cluster, place, { size: '4m' });
  const kube = await connectKube({ kubeconfig: cluster.kubeconfig, asGroups: [], asUserExtra: {} });
  const kind = new ClaimKind(claim, place, { kube, image });
  after(async () => {
    await kind.end();
    kube.close();
    await claim[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
  storeContract({ name: kind.name, make: () => kind.make() });
});
