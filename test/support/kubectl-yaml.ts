import { execFileSync, spawnSync } from 'node:child_process';
import { type Json, valueAt } from '../../src/model/json/json.ts';

/** Why kubectl can't be asked how it reads YAML; undefined where it can. */
export function withoutKubectl(): string | undefined {
  return spawnSync('kubectl', ['version', '--client']).status === 0
    ? undefined
    : 'there is no kubectl on PATH';
}

/** What kubectl reads under `stuff` of a YAML document. It labels the object as well, without any cluster. */
export function readByKubectl(yaml: string): Json | undefined {
  const object = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n${yaml}`;
  const options = { input: object, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  const answer = execFileSync('kubectl', ['label', '--local', '-f', '-', 'a=b', '-o', 'json'], options);
  return valueAt(JSON.parse(answer) as Json, 'stuff');
}
