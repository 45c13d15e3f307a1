import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptNeeds } from '../../../../src/doctor/access/script-needs.ts';
import { permissionText } from '../../../../src/model/permissions/command-permissions.ts';

function needs(script: string, env: Record<string, string> = {}): string[] {
  return scriptNeeds(script, 'own', env).map(permissionText).sort();
}

test('kubectl gets by name and lists without one; Helm lists Secrets', () => {
  assert.deepEqual(
    needs(`kubectl get configmap -n default my-memcached -o yaml > /backup/config-$(date +%Y%m%d).yaml
helm get values my-memcached -n default > /backup/values.yaml`),
    ['get configmaps in namespace default', 'list secrets in namespace default'],
  );
  assert.deepEqual(needs('kubectl -n x get deploy,svc -l app=cache -o yaml | tee /backup/x'), [
    'list deployments.apps in namespace x',
    'list services in namespace x',
  ]);
});

test('objects by TYPE/NAME, kinds with their group, every namespace, the own namespace', () => {
  assert.deepEqual(needs('kubectl get deployment.apps/x service/y'), [
    'get deployments.apps in namespace own',
    'get services in namespace own',
  ]);
  assert.deepEqual(needs('/usr/bin/kubectl get cm -A'), ['list configmaps']);
  assert.deepEqual(needs('kubectl get pdb'), ['list poddisruptionbudgets.policy in namespace own']);
});

test('"all" is the category of kubectl', () => {
  const all = needs('kubectl get all,secret -n x');
  assert.equal(all.length, 11);
  assert.ok(all.includes('list statefulsets.apps in namespace x'));
});

test('variables of the script and of the container', () => {
  assert.deepEqual(needs('NAMESPACE="shop"\nkubectl get secret -n $NAMESPACE'), [
    'list secrets in namespace shop',
  ]);
  assert.deepEqual(needs(`kubectl get secret -n "\${NS}"`, { NS: 'shop' }), [
    'list secrets in namespace shop',
  ]);
});

test('joined commands, and what only looks like one', () => {
  assert.deepEqual(
    needs('set -e; cd /x && if ! KUBECONFIG=/y kubectl get cm x || helm history y; then exit 1; fi'),
    ['get configmaps in namespace own', 'list secrets in namespace own'],
  );
  assert.deepEqual(needs('echo kubectl get secret && kubectl apply -f x && find /backup -delete'), []);
});
