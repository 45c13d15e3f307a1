import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curvesSvg } from '../../../scripts/demo/curves-svg.ts';

test('curves share their axes, and names stand in the picture as text', () => {
  const svg = curvesSvg([
    {
      name: 'a & <b>',
      colour: '#111111',
      points: [
        { seconds: -5, hitRatio: 1 },
        { seconds: 45, hitRatio: 0 },
      ],
    },
    {
      name: 'c',
      colour: '#222222',
      points: [
        { seconds: 0, hitRatio: 0.5 },
        { seconds: 20, hitRatio: 0.75 },
      ],
    },
  ]);
  const lines = [...svg.matchAll(/<polyline [^>]*stroke="([^"]+)"[^>]* points="([^"]+)"/g)];
  assert.deepEqual(
    lines.map(([, colour, points]) => [colour, points]),
    [
      ['#111111', '46.0,34.0 708.0,216.0'],
      ['#222222', '112.2,125.0 377.0,79.5'],
    ],
  );
  assert.match(svg, />a &amp; &lt;b&gt;<\/text>/);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
});
