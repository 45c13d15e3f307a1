import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { ToolError } from '../../src/errors/tool-error.ts';
import { type Instance, instanceFrom } from './instance.ts';
import { output } from './run.ts';

/** Imports a docker-archive or OCI archive into the cluster's node. Its pods need imagePullPolicy IfNotPresent. */
export async function loadImage(tar: string, instance: Instance = instanceFrom()): Promise<void> {
  const child = spawn('nsenter', [...intoNode(instance), 'ctr', '-n', 'k8s.io', 'images', 'import', '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  const sent = pipeline(createReadStream(tar), child.stdin);
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'close'), sent]);
  if (code !== 0) throw new ToolError(`${tar} was not imported: ${errors.trim()}`);
}

/** Takes an image out of the cluster's node again; it is no error where it is gone. */
export async function removeImage(name: string, instance: Instance = instanceFrom()): Promise<void> {
  const images = await listImages('', instance);
  const digest = images.find((image) => image.name === name)?.digest;
  // containerd's own name of it, which is its id, keeps all of it there.
  const same = images.filter((image) => image.digest === digest).map((image) => image.name);
  const others = same.filter((each) => each !== name && !each.startsWith('sha256:'));
  const gone = others.length === 0 ? same : [name];
  if (digest !== undefined) await ctrImages(instance, 'rm', ...gone);
}

/** An image of the node: its name, the digest of its manifest, and the labels that it has there. */
export interface NodeImage {
  name: string;
  digest: string;
  labels: string;
}

/** @param filter of ctr(8): "name~=^localhost/", all where empty. */
export async function listImages(filter: string, instance: Instance = instanceFrom()): Promise<NodeImage[]> {
  const text = await ctrImages(instance, 'ls', ...(filter === '' ? [] : [filter]));
  return text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', , digest = ''] = line.split(/\s+/);
      return { name, digest, labels: line.trimEnd().split(/\s+/).at(-1) ?? '' };
    });
}

/** `ctr images …` in the node. */
export function ctrImages(instance: Instance, ...args: string[]): Promise<string> {
  return output('nsenter', [...intoNode(instance), 'ctr', '-n', 'k8s.io', 'images', ...args]);
}

/** Arguments for nsenter(1) that make the following command run in the node. */
export function intoNode(instance: Instance): string[] {
  const supervisor = readFileSync(join(instance.state, 'supervisor.pid'), 'utf8').trim();
  return ['--target', supervisor, '--mount', '--pid', '--net'];
}
