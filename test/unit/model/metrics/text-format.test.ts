import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textFormat } from '../../../../src/model/metrics/text-format.ts';
import { GatheredMetrics } from '../../../../src/model/metrics/tool-metrics.ts';

test('a metric has its help and its type before its samples, and one of nothing is left out', () => {
  const metrics = new GatheredMetrics();
  metrics.add('newest_size_bytes', { namespace: 'shop', release: 'cart' }, 61_234);
  metrics.add('newest_size_bytes', { namespace: 'shop', release: 'session' }, 5);
  metrics.add('backed_up', { namespace: 'shop', release: 'cart' }, true);
  metrics.add('newest_objects', { namespace: 'shop', release: 'cart' }, undefined);
  metrics.add('newest_timestamp_seconds', { namespace: 'shop', release: 'cart' }, Number.NaN);
  assert.equal(
    textFormat(metrics.families()),
    [
      '# HELP memcached_backup_backed_up Whether the release has a complete, undamaged backup.',
      '# TYPE memcached_backup_backed_up gauge',
      'memcached_backup_backed_up{namespace="shop",release="cart"} 1',
      '# HELP memcached_backup_newest_size_bytes The size of the newest complete backup of the release.',
      '# TYPE memcached_backup_newest_size_bytes gauge',
      'memcached_backup_newest_size_bytes{namespace="shop",release="cart"} 61234',
      'memcached_backup_newest_size_bytes{namespace="shop",release="session"} 5',
      '',
    ].join('\n'),
  );
});

test('a label holds no line of its own, no quote of its own, and no more than a name may', () => {
  const value = (label: string) =>
    textFormat([{ name: 'm', help: 'a\\b\nc', samples: [{ labels: { label }, value: 1 }] }]);
  assert.equal(
    value('a"} 1\nm{label="b\\'),
    '# HELP m a\\\\b\\nc\n# TYPE m gauge\nm{label="a\\"} 1\\nm{label=\\"b\\\\"} 1\n',
  );
  assert.equal(value('x'.repeat(10_000)), value('x'.repeat(256)));
  assert.ok(value('\ud800x').isWellFormed());
});
