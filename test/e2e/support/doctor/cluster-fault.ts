import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { TestCluster } from '../../../cluster/cluster.ts';
import type { Fixture } from '../release.ts';
import { codesOf, type Diagnosis, diagnose } from './diagnosis.ts';
import { assertPasteable, connectionFlags, connectionOf, withoutConnection } from './pasted-advice.ts';
import { removeSharedRelease } from './shared-release.ts';

/** A fault that is injected into the real cluster, and what doctor has to say of it. */
export interface ClusterFault {
  /** "a suspended backup CronJob" */
  name: string;
  /**
   * Every failure and warning that doctor reports then, over all areas, with the consequences of each in
   * brackets: "MB212 (MB208)". Anything more or less fails the test.
   */
  reports: readonly string[];
  /** Codes of notes, unknowns and what is in order that have to be among the rest. */
  also?: readonly string[];
  /** Words after `doctor`, where it takes more than the namespace. */
  words?: (faulty: Fixture) => string[];
  /** Makes it, in a namespace of its own unless it lies in the store alone, and returns once the fault shows. */
  inject(cluster: TestCluster): Promise<Fixture>;
  /** Whose fixes the person can't send: they are tried as the cluster's administrator. */
  mendedBy?: 'the administrator';
  /** Lines of advice about what the fault only pretends to be there. */
  pretended?: RegExp;
  /** What else has to be so: the words of the evidence, the command that mends it, as it is without a named connection. */
  check?(diagnosis: Diagnosis, faulty: Fixture): void | Promise<void>;
}

/** One test a fault, side by side: what is found, and that what is advised can be pasted. */
export function testFaults(area: string, cluster: TestCluster, faults: readonly ClusterFault[]): void {
  after(removeSharedRelease);
  describe(`doctor finds each fault: ${area}`, { concurrency: 3 }, () => {
    for (const { name, reports, also = [], words, inject, mendedBy, pretended, check } of faults) {
      test(name, async () => {
        await using faulty = await inject(cluster);
        const connection = connectionFlags(connectionOf(faulty.cli));
        const diagnosis = await diagnose(faulty, ...(words?.(faulty) ?? []), ...connection);
        const said = JSON.stringify(diagnosis.findings, null, 1);
        assert.deepEqual(codesOf(diagnosis), [...reports].sort(), said);
        const codes = diagnosis.findings.map(({ code }) => code);
        for (const code of also) assert.ok(codes.includes(code), `${code} is not among ${said}`);
        const mendedWith = mendedBy === undefined ? {} : { mendedWith: cluster.kubeconfig };
        await assertPasteable(diagnosis, faulty, cluster, { ...mendedWith, pretended });
        await check?.(withoutConnection(diagnosis, faulty.cli), faulty);
      });
    }
  });
}

/** The codes that faults show: the first of each entry and those in its brackets. */
export function codesShown(faults: readonly Pick<ClusterFault, 'reports' | 'also'>[]): Set<string> {
  return new Set(
    faults.flatMap(({ reports, also = [] }) =>
      [...reports, ...also].flatMap((text) => text.match(/MB\d{3}/g) ?? []),
    ),
  );
}
