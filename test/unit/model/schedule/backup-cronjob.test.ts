import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { backupMaker, scriptOf } from '../../../../src/model/schedule/backup-cronjob.ts';

interface Told {
  name?: string;
  image?: string;
  command?: string[];
  args?: string[];
}

function aCronJob({ name = 'nightly', image = 'bitnami/kubectl', command, args }: Told): KubeObject {
  const container = { name: 'c', image, ...(command && { command }), ...(args && { args }) };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace: 'cache' },
    spec: { jobTemplate: { spec: { template: { spec: { containers: [container] } } } } },
  };
}

const shell = (script: string): string[] => ['/bin/sh', '-c', script];

/** As the backup guide has it. */
const GUIDE = `
# Backup configuration
kubectl get configmap -n default my-memcached -o yaml > /backup/config-$(date +%Y%m%d).yaml
helm get values my-memcached -n default > /backup/values-$(date +%Y%m%d).yaml
find /backup -name "config-*.yaml" -mtime +30 -delete
echo "Backup completed successfully"`;

describe('what backs memcached up', () => {
  const MAKERS: [string, Told, ReturnType<typeof backupMaker>][] = [
    ['the guide’s script', { command: shell(GUIDE) }, 'script'],
    ['a script that is given as arguments', { command: ['/bin/sh'], args: ['-c', GUIDE] }, 'script'],
    [
      'one that names a release and never says memcached',
      { command: shell('kubectl get deploy sessions -o yaml | gzip > "$OUT/x.gz"') },
      'script',
    ],
    ['a script of its own image', { name: 'memcached-backup', command: ['/opt/backup.sh'] }, 'script'],
    ['kubectl’s plugin', { command: ['kubectl', 'memcached-backup', 'backup', '-A'] }, 'tool'],
    ['the executable', { command: ['/bin/kubectl-memcached_backup', '--debug', 'backup'] }, 'tool'],
    ['Helm’s plugin in a shell', { command: shell('helm memcached-backup backup sessions') }, 'tool'],
    ['an image of the tool', { image: 'registry.example/memcached-backup:1.2', args: ['backup'] }, 'tool'],
    ['this tool, but another command of it', { command: ['kubectl', 'memcached-backup', 'list'] }, undefined],
    ['one that only looks', { command: shell('kubectl get pods -l app=memcached') }, undefined],
    ['one that throws away', { command: shell('kubectl get cm memcached >/dev/null 2>&1') }, undefined],
    ['a backup of something else', { command: shell('kubectl get cm postgres > /backup/x') }, undefined],
    ['a release’s name in another word', { command: shell('kubectl get cm sessions-2 > /x') }, undefined],
    ['what a comment says', { command: shell('date\n# kubectl get cm memcached > /x\n') }, undefined],
    ['a Job that warms memcached', { name: 'memcached-warm', command: ['/warm.sh'] }, undefined],
  ];
  for (const [what, told, maker] of MAKERS) {
    test(`${what}: ${maker ?? 'none'}`, () => assert.equal(backupMaker(aCronJob(told), ['sessions']), maker));
  }

  test('a Job, and an init container', () => {
    const job: KubeObject = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'by-hand' },
      spec: {
        template: {
          spec: {
            initContainers: [{ name: 'i', command: shell(GUIDE) }],
            containers: [{ name: 'c', image: 'aws-cli', args: ['s3', 'sync', '/backup', 's3://b'] }],
          },
        },
      },
    };
    assert.equal(backupMaker(job), 'script');
    assert.match(scriptOf(job), /my-memcached[\s\S]*s3 sync/);
  });

  test('what has no pods backs nothing up', () => {
    assert.equal(
      backupMaker({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'memcached-backup' } }),
      undefined,
    );
  });
});
