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

/** Takes an image out of the cluster's node again. */
export async function removeImage(name: string, instance: Instance = instanceFrom()): Promise<void> {
  await output('nsenter', [...intoNode(instance), 'ctr', '-n', 'k8s.io', 'images', 'rm', name]);
}

/** Arguments for nsenter(1) that make the following command run in the node. */
export function intoNode(instance: Instance): string[] {
  const supervisor = readFileSync(join(instance.state, 'supervisor.pid'), 'utf8').trim();
  return ['--target', supervisor, '--mount', '--pid', '--net'];
}
