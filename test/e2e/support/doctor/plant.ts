import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestCluster } from '../../../cluster/cluster.ts';
import type { Fixture } from '../release.ts';
import { codesOf, type Diagnosis, diagnose } from './diagnosis.ts';

/** A fault that is planted in the real cluster, and what doctor has to say of it. */
export interface Plant {
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
  words?: (planted: Fixture) => string[];
  /** Plants it in a namespace of its own, and returns once the fault shows. */
  plant(cluster: TestCluster): Promise<Fixture>;
  /** What else has to be so: the words of the evidence, the command that mends it. */
  check?(diagnosis: Diagnosis, planted: Fixture): void | Promise<void>;
}

/** One test a plant, side by side. */
export function testPlants(area: string, cluster: TestCluster, plants: readonly Plant[]): void {
  describe(`doctor finds what is planted: ${area}`, { concurrency: 4 }, () => {
    for (const { name, reports, also = [], words, plant, check } of plants) {
      test(name, async () => {
        await using planted = await plant(cluster);
        const diagnosis = await diagnose(planted, ...(words?.(planted) ?? []));
        const said = JSON.stringify(diagnosis.findings, null, 1);
        assert.deepEqual(codesOf(diagnosis), [...reports].sort(), said);
        const codes = diagnosis.findings.map(({ code }) => code);
        for (const code of also) assert.ok(codes.includes(code), `${code} is not among ${said}`);
        await check?.(diagnosis, planted);
      });
    }
  });
}

/** The codes that plants show: the first of each entry and those in its brackets. */
export function codesShown(plants: readonly Plant[]): Set<string> {
  return new Set(
    plants.flatMap(({ reports, also = [] }) =>
      [...reports, ...also].flatMap((text) => text.match(/MB\d{3}/g) ?? []),
    ),
  );
}
