import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { drillLines, drillMarkdown, spanText } from '../../../src/output/drill-text.ts';
import { PLAIN_STYLE } from '../../../src/output/style.ts';
import { assertGolden } from '../golden.ts';
import { aDrillReport } from '../model/records/a-drill-report.ts';

const earlier = [
  aDrillReport({ at: '2026-08-21T12:00:00.000Z', seconds: 1200, met: false }),
  aDrillReport({ at: '2026-05-20T12:00:00.000Z', outcome: 'failed', failure: 'a pod | is not <ready>' }),
];
const onTop = ['make what the drill left out: ingress.networking.k8s.io/cart', 'start 1 more pod'];
const PASSED = aDrillReport({
  phases: [
    { name: 'read', seconds: 0.2 },
    { name: 'namespace', seconds: 0.04 },
    { name: 'plan', seconds: 0.3 },
    { name: 'apply', seconds: 0.9 },
    { name: 'images', seconds: 12.5 },
    { name: 'ready', seconds: 3 },
    { name: 'proof', seconds: 0.1 },
    { name: 'removal', seconds: 6 },
  ],
  seconds: 17,
  changed: [
    { what: 'service/cart', change: 'type ClusterIP instead of LoadBalancer' },
    { what: 'service/cart', change: 'without loadBalancerIP 192.0.2.10' },
    { what: 'ingress.networking.k8s.io/cart', change: 'not made: it acts outside', left: true },
    { what: 'ingress.networking.k8s.io/page', change: 'not made: it acts outside', left: true },
  ],
  imagesPresent: false,
  onTop,
});
const FAILED = aDrillReport({
  phases: [{ name: 'read', seconds: 0.2 }],
  seconds: 61.2,
  targetSeconds: 60,
  met: false,
  outcome: 'failed',
  failure: 'the rollout did not finish: `cart` | waits',
  pods: { proved: 0, of: 2, inBackup: 2 },
  settings: 0,
  unproved: ['ingress.networking.k8s.io/cart: the server would refuse it: no \u001b[31m host'],
  changed: [],
  onTop,
  removed: false,
});

describe('the report of a drill', () => {
  for (const [name, report, before] of [
    ['passed', PASSED, earlier],
    ['failed', FAILED, []],
  ] as const) {
    test(`that ${name}, for a person`, () => {
      assertGolden(`drill/${name}.txt`, `${drillLines(report, before, PLAIN_STYLE).join('\n')}\n`);
    });

    test(`that ${name}, as Markdown`, () => {
      assertGolden(`drill/${name}.md`, drillMarkdown(report, before));
    });
  }

  test('holds no control character of what others wrote', () => {
    const text = [...drillLines(FAILED, earlier, PLAIN_STYLE), drillMarkdown(FAILED, earlier)].join('\n');
    assert.ok(!text.includes('\u001b'));
  });

  test('a target is said as it is given', () => {
    for (const [seconds, text] of [
      [900, '15m'],
      [5400, '1h30m'],
      [45, '45s'],
      [0.001, '0.001s'],
      [0, '0s'],
      [61.5, '1m1.5s'],
    ] as const) {
      assert.equal(spanText(seconds), text);
    }
  });
});
