import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CORE } from '../../../scripts/testing/core.ts';
import { kubernetesVersion, kubernetesVersions, minorOf } from '../../cluster/build/versions.ts';
import { instanceFrom } from '../../cluster/instance.ts';

const ROOT = join(import.meta.dirname, '../../..');

describe('the test cluster of another Kubernetes', () => {
  test('is of a version that tools/ has, and of no other', () => {
    const known = kubernetesVersions().map(minorOf);
    assert.equal(known[0], '1.28');
    for (const minor of known) assert.equal(minorOf(kubernetesVersion(minor)), minor);
    for (const wanted of ['1.2', '28', '../kubernetes', '1.99']) {
      assert.throws(
        () => kubernetesVersion(wanted),
        new RegExp(`the test cluster can be of ${known.join(', ')}`),
      );
    }
  });

  test('stands beside the standard one: nothing of the two is shared', () => {
    const instances = kubernetesVersions().map((each) => instanceFrom({ CLUSTER_VERSION: minorOf(each) }));
    for (const part of ['name', 'port', 'state', 'cgroup', 'lock'] as const)
      assert.equal(new Set(instances.map((instance) => instance[part])).size, instances.length, part);
    assert.deepEqual(
      instanceFrom({}),
      instances.find(({ name }) => name === 'shared'),
    );
  });

  test('is asked for every week, each of them', () => {
    const workflow = readFileSync(join(ROOT, '.github/workflows/versions.yml'), 'utf8');
    const [, named = ''] = /kubernetes: (\[.*\])/.exec(workflow) ?? [];
    assert.deepEqual(
      JSON.parse(named),
      kubernetesVersions()
        .filter(({ isStandard }) => !isStandard)
        .map(minorOf),
    );
  });

  test('is held to test files that are there', () => {
    assert.deepEqual(
      CORE.filter((file) => !existsSync(join(ROOT, file))),
      [],
    );
  });
});
