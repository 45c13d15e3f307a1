import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hidePasswordsInUrls, passwordsInUrls } from '../../../../src/model/secrets/url-credentials.ts';

test('passwords in URLs are found and hidden, user and host stay', () => {
  for (const [url, hidden, ...passwords] of [
    ['postgres://app:hunter22@db:5432/x', 'postgres://app:***@db:5432/x', 'hunter22'],
    ['redis://:hunter22@cache/0', 'redis://:***@cache/0', 'hunter22'],
    ['URL=amqp+ssl://u:p%40ss%2Fword@q', 'URL=amqp+ssl://u:***@q', 'p%40ss%2Fword', 'p@ss/word'],
    ['https://u:p@ss@host/a@b', 'https://u:***@host/a@b', 'p@ss'],
    ['a http://u:one@x, http://v:two@y', 'a http://u:***@x, http://v:***@y', 'one', 'two'],
    ['{"url":"mongodb://u:secret%@h1,h2/db"}', '{"url":"mongodb://u:***@h1,h2/db"}', 'secret%'],
  ] as const) {
    assert.equal(hidePasswordsInUrls(url, '***'), hidden);
    assert.deepEqual(passwordsInUrls(url), passwords);
    assert.equal(hidePasswordsInUrls(hidden, '***'), hidden, 'hiding twice changes nothing');
  }
});

test('harmless URLs stay as they are', () => {
  for (const text of [
    'https://example.org:8080/a@b',
    'ssh://git@example.org:22/x.git',
    'http://[::1]:11211/',
    'http://a:80/?q=u:p@x',
    'redis://:$(PASSWORD)@cache/0',
    ['redis://u:', '{PASSWORD}@cache/0'].join('$'),
    'image: registry.example:5000/memcached@sha256:00',
    'u:p@host',
  ]) {
    assert.equal(hidePasswordsInUrls(text, '***'), text);
    assert.deepEqual(passwordsInUrls(text), []);
  }
});
