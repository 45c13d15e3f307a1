/**
 * What names in the catalog are deflated with (RFC 1951, a preset dictionary; the likeliest comes last): words of a
 * summary and of a verification. It is part of version 1 of those names and never changes.
 */
export const DICTIONARY = Buffer.from(
  [
    '"unchecked":[{"check":"server","what":"","why":"no cluster"}]',
    '{"at":"2026-01-01T00:00:00.000Z","tool":{"name":"memcached-backup","version":"0.1.0"},"passed":["structure","digests","objects","roles","settings","helm","secrets","server"],"unchecked":[]}',
    '"differing":["maxbytes","maxconns","num_threads"]',
    '{"what":"secrets","why":"forbidden","permission":{"verb":"list","group":"","resource":"secrets","namespace":"',
    '"partial"unreachable"none"differ"pending-upgrade"superseded"failed"configmap"safety',
    ',{"kind":"backup","startedAt":"2026-12-01T00:00:00.000Z","durationMs":1000,"complete":true,"skipped":[],',
    '"helm":{"driver":"secret","revision":1,"status":"deployed","chart":{"name":"memcached","version":"7.0.0","appVersion":"1.6.39"},"revisions":[1,2,3]},',
    '"health":{"podsReady":1,"podsWanted":1,"releaseStatus":"deployed","drift":[]},',
    '"settings":{"verdict":"agree","podsAnswered":1,"podsAsked":1,"differing":[]},',
    '"objects":10,"bytes":60000,"toolVersion":"0.1.0","cluster":{"uid":"0123456789-abcdef","caDigest":"0123456789abcdef"},"hollow":false}]',
  ].join(''),
);
