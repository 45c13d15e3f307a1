import assert from 'node:assert/strict';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { decodeRevision, encodeRelease } from '../../../src/model/helm/helm-release.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { aRecord } from '../../support/helm-records.ts';
import { aConfigMap, aDeployment, anObject, controlledBy, Fixture } from '../../support/objects.ts';
import {
  forgeDocument,
  forgeFile,
  forgeHelmManifest,
  forgeObject,
  forgeRecords,
  PASSWORD,
  writeSmallBackup,
} from '../../support/small-backup.ts';
import { spelled } from '../spelled.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { verifyOffline } from './verify-offline.ts';

const MANIFEST = 'manifests/deployment.apps-cart.yaml';
const RAW = 'raw/deployment.apps-cart.json';
const RECORDS = 'helm/release.json.gz';

async function small(t: TestContext): Promise<{ root: string; folder: string }> {
  const root = await temporaryFolder(t);
  const { location } = await writeSmallBackup(await openStore(root));
  return { root, folder: location };
}

/** A billion laughs: each line is nine times the one above. */
const YAML_BOMB = `a0: &a0 [x, x, x, x, x, x, x, x, x]
${Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`).join('\n')}
`;

function edited(folder: string, path: string, from: string | RegExp, to: string): void {
  const text = readFileSync(join(folder, path), 'utf8');
  assert.notEqual(text.replace(from, to), text, `${path} holds ${from}`);
  forgeFile(folder, path, text.replace(from, to));
}

const TO_ADMIN = new Fixture({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'evil' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
}).object;
const JOB = anObject('batch/v1', 'Job', 'evil').object;
const POD = anObject('v1', 'Pod', 'evil').object;
const ELSEWHERE = anObject('v1', 'ConfigMap', 'evil', 'other').object;

/** Digests fit everywhere: someone with ill intent, or a defect of the tool that wrote it. */
const FORGED: { name: string; forge: (folder: string) => void; says: RegExp }[] = [
  {
    name: 'a manifest that expands without end',
    forge: (folder) => forgeFile(folder, MANIFEST, YAML_BOMB),
    says: /^deployment\.apps\/cart: .*yaml: its YAML aliases stand for more than 500000 values$/,
  },
  {
    name: 'a manifest that is not YAML',
    forge: (folder) => forgeFile(folder, MANIFEST, `kind: x\n  secret: ${PASSWORD}\n\tb\n`),
    says: /^deployment\.apps\/cart: .*yaml: it is not YAML \(line \d\)$/,
  },
  {
    name: 'a manifest with a second document',
    forge: (folder) => edited(folder, MANIFEST, /$/, '---\nkind: Namespace\n'),
    says: /it holds 2 documents instead of one$/,
  },
  {
    name: 'an empty manifest',
    forge: (folder) => forgeFile(folder, MANIFEST, ''),
    says: /it holds 0 documents instead of one$/,
  },
  {
    name: 'a manifest with another number of replicas',
    forge: (folder) => edited(folder, MANIFEST, 'replicas: 2', 'replicas: 3'),
    says: /is not the clean form of raw\/deployment\.apps-cart\.json$/,
  },
  {
    name: 'a manifest that lacks a field',
    forge: (folder) => edited(folder, MANIFEST, '  replicas: 2\n', ''),
    says: /is not the clean form of/,
  },
  {
    name: 'the manifest of another object',
    forge: (folder) => forgeFile(folder, MANIFEST, readFileSync(join(folder, 'manifests/service-cart.yaml'))),
    says: /^deployment\.apps\/cart: manifests\/.*yaml holds another object$/,
  },
  {
    name: 'a raw file that is not JSON, without quoting it',
    forge: (folder) => forgeFile(folder, RAW, `{"password": "${PASSWORD}`),
    says: /^deployment\.apps\/cart: raw\/.*json: it is not JSON$/,
  },
  {
    name: 'a raw file of another object',
    forge: (folder) => forgeFile(folder, RAW, readFileSync(join(folder, 'raw/service-cart.json'))),
    says: /^deployment\.apps\/cart: raw\/.*json holds another object$/,
  },
  {
    name: 'a raw file nested a hundred thousand deep',
    forge: (folder) => forgeFile(folder, RAW, `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    says: /it is nested more than 51[24] deep$|it is not JSON$/,
  },
  {
    name: 'a manifest nested a hundred thousand deep',
    forge: (folder) => forgeFile(folder, MANIFEST, `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    says: /it is nested more than 51[24] deep$/,
  },
  {
    name: 'a manifest of lists in lists in lists',
    forge: (folder) => forgeFile(folder, MANIFEST, `${'- '.repeat(100_000)}x\n`),
    says: /it is nested more than 51[24] deep$/,
  },
  {
    name: 'a raw file that no API server would store',
    forge: (folder) => forgeFile(folder, RAW, Buffer.alloc(9 * 2 ** 20, ' ')),
    says: /it has 9437184 bytes, more than any Kubernetes object$/,
  },
  {
    name: 'an object that lost its manifest',
    forge: (folder) =>
      forgeDocument(folder, ({ objects }) =>
        objects.forEach((object) => void Reflect.deleteProperty(object, 'manifest')),
      ),
    says: /^deployment\.apps\/cart: it has no manifest$/,
  },
  {
    name: 'an object whose file backup.json does not list',
    forge: (folder) => forgeDocument(folder, ({ objects }) => (objects[0]!.raw = 'raw/none.json')),
    says: /^secret\/cart: backup\.json names no file raw\/none\.json$/,
  },
  {
    name: 'files of an object that backup.json does not name',
    forge: (folder) =>
      forgeDocument(folder, (document) => {
        document.objects = document.objects.filter(({ kind }) => kind !== 'Service');
      }),
    says: /^manifests\/service-cart\.yaml: it belongs to no object of backup\.json$/,
  },
  {
    name: 'settings of another shape',
    forge: (folder) => edited(folder, 'settings.json', '"ready": true', '"ready": "yes"'),
    says: /^settings\.json: \/pods\/0\/ready must be boolean$/,
  },
  {
    name: 'settings of other pods',
    forge: (folder) => forgeFile(folder, 'settings.json', '{"pods":[]}'),
    says: /^settings\.json: it is of other pods than backup\.json says$/,
  },
  {
    name: 'no settings',
    forge: (folder) => {
      rmSync(join(folder, 'settings.json'));
      forgeDocument(folder, (document) => {
        document.files = document.files.filter(({ path }) => path !== 'settings.json');
      });
    },
    says: /^settings\.json: backup\.json does not name it$/,
  },
  {
    name: 'Helm records that do not decompress',
    forge: (folder) => forgeFile(folder, RECORDS, 'not gzip'),
    says: /^helm\/release\.json\.gz: it does not decompress to a list of records$/,
  },
  {
    name: 'a Helm record that does not decode',
    forge: (folder) =>
      forgeRecords(folder, ([first]) => Object.assign(first!, { data: { release: 'bm90IGd6aXA=' } })),
    says: /^sh\.helm\.release\.v1\.cart\.v1: the record does not decode$/,
  },
  {
    name: 'a Helm record that decompresses without end',
    forge: (folder) =>
      forgeRecords(folder, ([first]) => {
        const bomb = gzipSync(Buffer.alloc(200 * 2 ** 20)).toString('base64');
        Object.assign(first!, { data: { release: Buffer.from(bomb).toString('base64') } });
      }),
    says: /^sh\.helm\.release\.v1\.cart\.v1: the record does not decode$/,
  },
  {
    name: 'a revision less than backup.json says',
    forge: (folder) => forgeRecords(folder, (items) => items.shift()),
    says: /^helm\/release\.json\.gz: it holds revisions 2, backup\.json says 1, 2$/,
  },
  {
    name: 'no Helm record at all',
    forge: (folder) => forgeRecords(folder, (items) => items.splice(0)),
    says: /^helm\/release\.json\.gz: it holds no record$/,
  },
  {
    name: 'one record of another release among them',
    forge: (folder) =>
      forgeRecords(folder, (items) => {
        items[0] = aRecord(1, 'superseded', { release: 'other' });
      }),
    says: /^sh\.helm\.release\.v1\.other\.v1: it is a record of another release$/,
  },
  {
    name: 'another newest revision',
    forge: (folder) => forgeDocument(folder, ({ helm }) => (helm!.status = 'failed')),
    says: /^helm\/release\.json\.gz: its newest revision is not the one that backup\.json names$/,
  },
  {
    name: 'Helm files of a release without Helm',
    forge: (folder) => forgeDocument(folder, (document) => Reflect.deleteProperty(document, 'helm')),
    says: /^helm\/.*: backup\.json says that Helm does not manage the release$/,
  },
  {
    name: 'other values than in the record',
    forge: (folder) => edited(folder, 'helm/values.yaml', 'megabytes: 64', 'megabytes: 65'),
    says: /^helm\/values\.yaml: it is not as in Helm's record$/,
  },
  {
    name: 'another template than in the record',
    forge: (folder) => edited(folder, 'helm/chart/templates/configmap.yaml', 'cart', 'card'),
    says: /^helm\/chart\/templates\/configmap\.yaml: it is not as in Helm's record$/,
  },
  {
    name: 'a template more than in the record',
    forge: (folder) => forgeFile(folder, 'helm/chart/templates/extra.yaml', 'kind: Pod\n'),
    says: /^helm\/chart\/templates\/extra\.yaml: Helm's record has no such file$/,
  },
  {
    name: 'a template less than in the record',
    forge: (folder) => {
      rmSync(join(folder, 'helm/chart/.helmignore'));
      forgeDocument(folder, (document) => {
        document.files = document.files.filter(({ path }) => !path.endsWith('.helmignore'));
      });
    },
    says: /^helm\/chart\/\.helmignore: it is missing, and Helm's record has it$/,
  },
  {
    name: 'a ClusterRoleBinding that Helm does not name',
    forge: (folder) => forgeObject(folder, TO_ADMIN),
    says: /^clusterrolebinding\.rbac\.authorization\.k8s\.io\/evil: backup\.json says that it is owned, and nothing in the backup ties it to the release \(cluster-wide\)$/,
  },
  {
    name: 'a ClusterRoleBinding that Helm names, too',
    forge: (folder) => {
      forgeHelmManifest(folder, TO_ADMIN);
      forgeObject(folder, TO_ADMIN);
    },
    says: /^clusterrolebinding.*: backup\.json says that it is owned, and no restore writes it: manifest; cluster-wide$/,
  },
  {
    name: 'an object of another namespace',
    forge: (folder) => forgeObject(folder, ELSEWHERE),
    says: /^configmap\/evil: .* nothing in the backup ties it to the release \(in namespace other\)$/,
  },
  {
    name: 'an object of another namespace that Helm names, too',
    forge: (folder) => {
      forgeHelmManifest(folder, ELSEWHERE);
      forgeObject(folder, ELSEWHERE);
    },
    says: /^configmap\/evil: .* no restore writes it: manifest; in namespace other$/,
  },
  {
    name: 'a Pod that Helm names, too',
    forge: (folder) => {
      forgeHelmManifest(folder, POD);
      forgeObject(folder, POD);
    },
    says: /^pod\/evil: .* no restore writes it: manifest; a restore makes no Pods$/,
  },
  {
    name: 'a Job that Helm does not name',
    forge: (folder) => forgeObject(folder, JOB),
    says: /^job\.batch\/evil: .* nothing in the backup ties it to the release \(a restore runs no Jobs\)$/,
  },
  {
    name: 'an ordinary object that nothing names',
    forge: (folder) => forgeObject(folder, aConfigMap('extra').object, { role: 'referenced' }),
    says: /^configmap\/extra: backup\.json says that it is referenced, and nothing in the backup ties it to the release$/,
  },
  {
    name: 'one that nothing names and that is said to be for the reader alone',
    forge: (folder) => forgeObject(folder, ELSEWHERE, { role: 'recorded' }),
    says: /^configmap\/evil: backup\.json says that it is recorded, and nothing in the backup ties it/,
  },
  {
    name: 'an owned object that is said to be for the reader alone',
    forge: (folder) =>
      forgeDocument(folder, ({ objects }) =>
        Object.assign(objects.find(({ kind }) => kind === 'Deployment')!, { role: 'recorded' }),
      ),
    says: /^deployment\.apps\/cart: backup\.json says that it is recorded, and it is owned \(manifest\)$/,
  },
  {
    name: 'an object of a controller that is said to be owned',
    forge: (folder) => {
      const owner = aDeployment('operator').served().object;
      const object = aConfigMap('made').with({ metadata: { ownerReferences: [controlledBy(owner)] } }).object;
      forgeHelmManifest(folder, object);
      forgeObject(folder, object);
    },
    says: /^configmap\/made: .* no restore writes it: manifest; controlled by Deployment operator$/,
  },
  {
    name: 'an object twice',
    forge: (folder) =>
      forgeDocument(folder, ({ objects }) => {
        const config = objects.find(({ kind }) => kind === 'ConfigMap')!;
        objects.push({ ...config, raw: RAW });
      }),
    says: /^configmap\/cart: backup\.json names it twice$/,
  },
  {
    name: 'a file of two objects',
    forge: (folder) =>
      forgeDocument(folder, ({ objects }) => {
        objects.push({ ...objects.find(({ kind }) => kind === 'ConfigMap')!, name: 'other' });
      }),
    says: /^configmap\/other: raw\/configmap-cart\.json is the file of configmap\/cart, too$/,
  },
  {
    name: 'a record of Helm that lies elsewhere',
    forge: (folder) =>
      forgeRecords(folder, ([first]) => Object.assign(first!.metadata as object, { namespace: 'other' })),
    says: /^sh\.helm\.release\.v1\.cart\.v1: it is no record of revision 1 in namespace shop$/,
  },
  {
    name: 'a record of Helm under the name of another Secret',
    forge: (folder) =>
      forgeRecords(folder, ([first]) => Object.assign(first!.metadata as object, { name: 'tls' })),
    says: /^tls: it is no record of revision 1 in namespace shop$/,
  },
  {
    name: 'a record of Helm that is no Secret',
    forge: (folder) => forgeRecords(folder, ([first]) => Object.assign(first!, { kind: 'Role' })),
    says: /^sh\.helm\.release\.v1\.cart\.v1: it is no record of revision 1 in namespace shop$/,
  },
  {
    name: 'a record of Helm with the labels of another release',
    forge: (folder) =>
      forgeRecords(folder, ([first]) =>
        Object.assign((first!.metadata as { labels: object }).labels, { name: 'other' }),
      ),
    says: /^sh\.helm\.release\.v1\.cart\.v1: it is a record of another release$/,
  },
  {
    name: 'a manifest of Helm that is no YAML',
    forge: (folder) =>
      forgeRecords(folder, (items) => {
        for (const record of items) {
          const { document, driver } = decodeRevision(record);
          record.data = { release: encodeRelease({ ...document, manifest: 'a: "' }, driver) };
        }
      }),
    says: /^helm\/release\.json\.gz: the manifest of Helm revision 2 of cart is no YAML/,
  },
  {
    name: 'a path that leaves the backup',
    forge: (folder) => forgeDocument(folder, ({ files }) => (files[0]!.path = '../../../../../etc/passwd')),
    says: /^backup\.json: backup\.json names a file outside the backup: \.\.\/\.\.\/\.\.\/\.\.\/\.\.\/etc\/passwd$/,
  },
  {
    name: 'an object path that leaves the backup',
    forge: (folder) =>
      forgeDocument(folder, ({ objects }) => (objects[0]!.raw = '../../../../../etc/passwd')),
    says: /^backup\.json: backup\.json: \/objects\/0\/raw must match pattern/,
  },
  {
    name: 'a file behind a link that leaves the store',
    forge: (folder) => {
      rmSync(join(folder, 'helm/values.yaml'));
      symlinkSync('/etc/hostname', join(folder, 'helm/values.yaml'));
    },
    says: /^helm\/values\.yaml: helm\/values\.yaml is a symbolic link or behind one$/,
  },
  {
    name: 'a link beside its files',
    forge: (folder) => symlinkSync('/etc', join(folder, 'raw/etc')),
    says: /^raw\/etc: backup\.json does not name it$/,
  },
  {
    name: 'a file beside its files',
    forge: (folder) => {
      mkdirSync(join(folder, 'notes'));
      writeFileSync(join(folder, 'notes/mine.txt'), 'x');
    },
    says: /^notes\/mine\.txt: backup\.json does not name it$/,
  },
  {
    name: 'a backup.json that is not JSON',
    forge: (folder) => writeFileSync(join(folder, 'backup.json'), `${PASSWORD}\n`),
    says: /^backup\.json: backup\.json is not JSON$/,
  },
  {
    name: 'a size that no file may have',
    forge: (folder) => forgeDocument(folder, ({ files }) => (files[0]!.size = 2 ** 40)),
    says: /^backup\.json: backup\.json: \/files\/\d+\/size must be <= 268435456$/,
  },
];
for (const { name, forge, says } of FORGED) {
  test(`verify finds ${name}`, async (t) => {
    const { folder } = await small(t);
    forge(folder);
    const { code, failures, io } = await verifyOffline(folder);
    assert.equal(code, 1);
    assert.ok(
      failures.some((failure) => says.test(failure)),
      failures.join('\n'),
    );
    assert.doesNotMatch(`${io.stdout}${io.stderr}`, new RegExp(PASSWORD));
    assert.doesNotMatch(io.stderr, /defect|unexpected/);
  });
}

test('what an earlier version counted as owned, and no restore writes now, is no harm', async (t) => {
  const { folder } = await small(t);
  forgeHelmManifest(folder, JOB);
  forgeObject(folder, JOB);
  const { code, failures } = await verifyOffline(folder);
  assert.deepEqual([code, failures], [0, []]);
});

test('a newer format is no damage: the message says which tool reads it', async (t) => {
  const { folder } = await small(t);
  writeFileSync(join(folder, 'backup.json'), '{"formatVersion":3,"anything":"else"}');
  await assert.rejects(verifyOffline(folder), (error) => {
    assert.ok(error instanceof ToolError);
    assert.match(error.message, /its format version 3 is newer than 2, which this tool reads$/);
    assert.match(spelled(error.next), /the version of memcached-backup that wrote it, or a later one/);
    return true;
  });
});

test("an older tool's manifest that leaves out other fields is unchecked; one that says otherwise fails", async (t) => {
  const { folder } = await small(t);
  forgeDocument(folder, (document) => (document.tool.version = '0.0.9'));
  edited(folder, MANIFEST, '  replicas: 2\n', '');
  const { code, results } = await verifyOffline(folder);
  assert.equal(code, 0);
  const deployment = results.find(({ what }) => what === 'deployment.apps/cart');
  assert.deepEqual(deployment, {
    check: 'objects',
    what: 'deployment.apps/cart',
    status: 'unchecked',
    why: 'manifests/deployment.apps-cart.yaml was written by version 0.0.9, which leaves out other fields',
    matters: false,
  });
  edited(folder, MANIFEST, 'name: cart', 'name: card');
  assert.equal((await verifyOffline(folder)).code, 1);
});

for (const file of ['backup.json', 'backup.json.sha256', 'settings.json', RECORDS]) {
  test(`${file} of 1 GB, most of it a hole, is refused without being read`, async (t) => {
    const { root, folder } = await small(t);
    const path = join(folder, file);
    closeSync(openSync(path, 'a'));
    truncateSync(path, 2 ** 30);
    const before = process.memoryUsage().rss;
    const { code, failures } = await verifyOffline(folder);
    await (await openStore(root)).list({});
    assert.equal(code, 1);
    assert.match(failures.join('\n'), /1073741824 bytes/);
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 100 * 2 ** 20, `the memory grew by ${Math.round(grown / 2 ** 20)} MiB`);
  });
}
