import { BINARY } from '../../test/e2e/support/cli.ts';
import { run } from '../../test/e2e/support/process.ts';
import type { TestRelease } from '../../test/e2e/support/release.ts';
import type { Figure } from './figures.ts';
import { compare } from './interleaved.ts';

/** The diagnosis commands of the backup guide's chapter on troubleshooting, one after the other. */
const GUIDE_DIAGNOSIS = `set -e
kubectl get jobs -n $NAMESPACE
kubectl logs -n $NAMESPACE job/nightly
kubectl describe job -n $NAMESPACE nightly
kubectl auth can-i get configmaps --as=system:serviceaccount:$NAMESPACE:default -n $NAMESPACE || true
kubectl get pvc -n $NAMESPACE nightly
kubectl get secret -n $NAMESPACE nightly
kubectl get configmap -n $NAMESPACE $RELEASE -o yaml
kubectl get pods -n $NAMESPACE -l app.kubernetes.io/name=memcached -o wide
POD=$(kubectl get pods -n $NAMESPACE -l app.kubernetes.io/name=memcached -o jsonpath='{.items[0].metadata.name}')
kubectl exec -n $NAMESPACE $POD -- memcached -h`;

/** What the guide's commands look at: a Job that is done, a claim and a Secret, all in order. */
export async function prepareDiagnosis(release: TestRelease, image: string): Promise<void> {
  const { kubectl } = release;
  const container = { name: 'nightly', image, command: ['echo', 'done'] };
  await kubectl.apply(
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'nightly' },
      spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
    },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'nightly' }, stringData: { key: 'of-no-use' } },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'nightly' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    },
  );
  await kubectl.ok('wait', '--for=condition=complete', 'job/nightly', '--timeout=60s');
}

/** Between doctor's two looks at the counters, milliseconds: src/doctor/cache. */
const INTERVAL_MS = 300;

/**
 * The whole of doctor on a healthy release, start to exit, less its interval, against the guide's commands.
 * @param env has kubectl on PATH, and the KUBECONFIG to go by.
 * @param distance what the connection adds to each round trip, for the figure's name, and what is promised there.
 */
export async function benchDoctor(
  release: TestRelease,
  env: NodeJS.ProcessEnv,
  { ms, atMost }: { ms: number; atMost: number },
): Promise<Figure> {
  const guideEnv = { ...env, RELEASE: release.name, NAMESPACE: release.namespace };
  const args = ['doctor', release.name, '-n', release.namespace, '--store', release.cli.store];
  const figure = await compare({
    what: `\`doctor\`, less its ${INTERVAL_MS} ms, ${ms} ms added`,
    ours: () => run(BINARY, args, { env }),
    yardstick: "the guide's diagnosis commands",
    theirs: () => run('/bin/sh', ['-c', GUIDE_DIAGNOSIS], { env: guideEnv }),
  });
  return { ...figure, ours: figure.ours - INTERVAL_MS, atMost };
}
