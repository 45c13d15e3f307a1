import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { assemble } from '../../../src/backup/assemble.ts';
import { judgeRoles } from '../../../src/model/records/backup-roles.ts';
import { findLeaks } from '../../e2e/support/secret-scan.ts';
import { aRevision } from '../../support/helm-records.ts';
import { aLiveRelease, aNamespace } from '../../support/live-release.ts';
import { markedByHelm } from '../../support/marked-by-helm.ts';
import {
  aConfigMap,
  aDeployment,
  anObject,
  aSecret,
  aService,
  Fixture,
  withContainer,
} from '../../support/objects.ts';
import { podSettings } from '../../support/pod-settings.ts';

/** As people make them; what stands in a backup by chance is none. */
const secretValue = fc
  .tuple(fc.uint8Array({ minLength: 5, maxLength: 12 }), fc.constantFrom('', '/+ &<%\\é', '\n', '"\''))
  .map(([bytes, odd]) => `p${Buffer.from(bytes).toString('hex')}${odd}x`);

const once = (text: string): string => Buffer.from(text).toString('base64');
const FORMS = {
  plain: (text: string) => text,
  base64: once,
  'base64 twice': (text: string) => once(once(text)),
};

/** Where else somebody may have put a Secret's value, or a part of the text around it. */
const place = fc.record({
  where: fc.constantFrom(
    'innocent variable',
    'password variable',
    'argument',
    'flag',
    'text of a ConfigMap',
    'password of a ConfigMap',
    'annotation',
    'last applied',
    'namespace',
    'custom resource',
    'pod',
  ),
  form: fc.constantFrom(...(Object.keys(FORMS) as (keyof typeof FORMS)[])),
});

test('no value of a Secret, of Helm’s values or of its manifests is in any file of a backup without Secrets', () => {
  fc.assert(
    fc.property(
      fc.record({ live: secretValue, value: secretValue, old: secretValue, ofOthers: secretValue }),
      fc.array(place, { maxLength: 4 }),
      fc.boolean(),
      ({ live: inSecret, value, old, ofOthers }, places, isBinary) => {
        const has = (where: string) => places.filter((each) => each.where === where);
        const text = (where: string) =>
          has(where)
            .map(({ form }) => FORMS[form](inSecret))
            .join(' ');
        const deployment = withContainer(aDeployment('cart'), {
          args: [
            '-m',
            '64',
            ...has('argument').map(({ form }) => FORMS[form](inSecret)),
            ...has('flag').map(() => `--auth-token=${ofOthers}`),
          ],
          env: [
            { name: 'REGION', value: `north ${text('innocent variable')}` },
            ...has('password variable').map(() => ({ name: 'CACHE_PASSWORD', value: ofOthers })),
          ],
        });
        const secret = aSecret('login', { password: inSecret }).with(
          isBinary
            ? { data: { blob: Buffer.from([0xff, 0xfe, ...Buffer.from(inSecret)]).toString('base64') } }
            : {},
        );
        const objects = [
          markedByHelm(secret),
          markedByHelm(deployment),
          markedByHelm(
            aConfigMap('cart', {
              'memcached.conf': `-m 64\n${text('text of a ConfigMap')}\n`,
              ...(has('password of a ConfigMap').length > 0 ? { password: ofOthers } : {}),
            }),
          ),
          markedByHelm(aService('cart')).annotated({
            note: text('annotation'),
            ...(has('last applied').length > 0
              ? { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(secret.object) }
              : {}),
          }),
          markedByHelm(anObject('example.com/v1', 'Cache', 'cart')).with({
            spec: { at: text('custom resource') },
          }),
        ].map((object) => object.served());
        const manifest = objects.map(({ object }) => object);
        const history = [
          aRevision(1, 'superseded', { manifest, config: { auth: { password: old } } }),
          aRevision(2, 'deployed', {
            manifest,
            config: { auth: { password: value } },
            chart: { values: { token: value } },
          }),
        ];
        const namespace = aNamespace();
        const noted = new Fixture(namespace).annotated({ note: text('namespace') }).object;
        const live = aLiveRelease(objects, { history, namespace: noted });
        const pod = podSettings('cart-1', {
          args: has('pod').map(({ form }) => FORMS[form](inSecret)),
          env: [{ name: 'CACHE_PASSWORD', value: ofOthers }],
        });
        const { files, document } = assemble(
          {
            live,
            identity: { serverVersion: 'v1.34.4', context: 'prod' },
            targets: [],
            skipped: [],
          } as never,
          {
            ...{ kind: 'backup', id: '20261122T101500Z', clusterName: '3f6c2a10', toolVersion: '0.1.0' },
            pods: [pod],
            startedAt: new Date('2026-11-22T10:15:00Z'),
            finishedAt: new Date('2026-11-22T10:15:01Z'),
            withoutSecrets: true,
          },
        );
        const contents = files.map(({ path, content }): [string, string] => [
          path,
          path.endsWith('.gz') ? gunzipSync(content).toString() : String(content),
        ]);
        contents.push(['backup.json', JSON.stringify(document, null, 2)]);
        for (const [path, content] of contents) {
          for (const each of [inSecret, value, old, ofOthers]) {
            for (const [form, of] of Object.entries(FORMS))
              assert.deepEqual(findLeaks(content, of(each)), [], `${path} holds a value (${form})`);
          }
        }
        // Whoever reads it works out the same roles.
        const kept = document.objects.map(({ raw }) =>
          JSON.parse(String(files.find(({ path }) => path === raw)!.content)),
        );
        const roleOf = judgeRoles(kept, { release: 'cart', namespace: 'shop', history: [], everyKind: true });
        for (const entry of document.objects)
          assert.deepEqual(roleOf(entry), { role: entry.role, from: entry.from }, entry.name);
        // And nothing is lost without a word.
        const named = [...document.objects, ...(document.withoutSecrets?.objects ?? [])].map(
          ({ kind }) => kind,
        );
        for (const kind of ['Secret', 'Deployment', 'ConfigMap', 'Service', 'Cache'])
          assert.ok(named.includes(kind), kind);
        assert.equal(document.complete, false);
      },
    ),
    { numRuns: 100 },
  );
});
