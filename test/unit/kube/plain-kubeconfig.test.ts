import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { parseYamlAsText } from '../../../src/kube/kubeconfig-yaml.ts';
import { readJsonAsText } from '../../../src/model/json/plain-json.ts';
import { readPlainYaml } from '../../../src/model/json/plain-yaml.ts';

const LIMITS = { characters: 10_000, depth: 20 };

/** As kubectl, kind, k3s and cloud providers' programs write it: a list begins below its key, or farther in. */
const WRITTEN = [
  `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTg==
    server: https://127.0.0.1:6443
  name: kind-kind
contexts:
- context:
    cluster: kind-kind
    namespace: cache
    user: kind-kind
  name: kind-kind
current-context: kind-kind
kind: Config
preferences: {}
users:
- name: kind-kind
  user:
    client-certificate-data: LS0tLS1CRUdJTg==
    client-key-data: LS0tLS1CRUdJTg==
`,
  `# made by hand
apiVersion: "v1"
kind: Config
users:
  - name: arn:aws:eks:eu-central-1:123456789012:cluster/prod
    user:
      exec:
        apiVersion: client.authentication.k8s.io/v1beta1
        args:
          - --region
          - eu-central-1
          - eks
          - get-token
        command: aws
        env: null
        interactiveMode: IfAvailable
        provideClusterInfo: false
        installHint: |
          Install it,
            then log in.
`,
];

test('a kubeconfig as programs write it is read without loading the parser of YAML', () => {
  for (const text of WRITTEN) {
    const read = readPlainYaml(text, LIMITS, (scalar) => scalar);
    assert.deepEqual(read, parseYamlAsText(text));
    const json = JSON.stringify(read?.value, null, 4);
    assert.deepEqual(readJsonAsText(json, LIMITS), read);
    assert.deepEqual(
      readPlainYaml(stringify(read?.value), LIMITS, (scalar) => scalar),
      read,
    );
  }
});

test('one that is longer, or nested deeper, than what is usual is left to that parser', () => {
  const deep = (depth: number): object => (depth === 0 ? {} : { a: deep(depth - 1) });
  const texts = [JSON.stringify(deep(22)), stringify(deep(22)), `a: ${'b'.repeat(10_000)}`];
  for (const text of texts) {
    assert.equal(readJsonAsText(text, LIMITS), undefined);
    assert.equal(
      readPlainYaml(text, LIMITS, (scalar) => scalar),
      undefined,
    );
  }
});
