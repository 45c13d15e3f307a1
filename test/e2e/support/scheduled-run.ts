import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { arrayAt, type JsonObject, numberAt, stringAt } from '../../../src/model/json/json.ts';
import { nameOf } from '../../../src/model/kubernetes/object.ts';
import { RUN_RESOURCES } from '../../../src/model/schedule/run-resources.ts';
import { SCHEDULE_LABELS } from '../../../src/model/schedule/scheduled-store.ts';
import type { Kubectl } from './kubectl.ts';

export interface WantedRun {
  name: string;
  image: string;
  serviceAccount: string;
  claim: string;
  args: readonly string[];
  backoffLimit?: number;
}

/** A Job as a schedule makes them, of which a backup is taken in a pod that mounts the claim of its store. */
export function runJob(wanted: WantedRun): JsonObject {
  const { name, image, serviceAccount, claim, args, backoffLimit = 2 } = wanted;
  const labels = { ...SCHEDULE_LABELS, 'app.kubernetes.io/instance': name };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels },
    spec: {
      backoffLimit,
      activeDeadlineSeconds: 120,
      podFailurePolicy: {
        rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [2, 5] } }],
      },
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: serviceAccount,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            runAsGroup: 65532,
            fsGroup: 65532,
            fsGroupChangePolicy: 'OnRootMismatch',
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'backup',
              image,
              args: [...args, '--termination-log', '/dev/termination-log'],
              env: [{ name: 'HOME', value: '/tmp' }],
              terminationMessagePolicy: 'FallbackToLogsOnError',
              resources: RUN_RESOURCES,
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [
                { name: 'backups', mountPath: '/backup' },
                { name: 'tmp', mountPath: '/tmp' },
              ],
            },
          ],
          volumes: [
            { name: 'backups', persistentVolumeClaim: { claimName: claim } },
            { name: 'tmp', emptyDir: {} },
          ],
        },
      },
    },
  };
}

/** How a Job's run ended, as its pods' statuses say. */
export interface EndedRun {
  condition: 'Complete' | 'Failed';
  /** Of a failure: BackoffLimitExceeded, PodFailurePolicy, DeadlineExceeded. */
  reason: string;
  /** Of the pods that are still there. */
  pods: { name: string; exitCode: number; message: string }[];
}

/** Waits until a Job is over. */
export async function ended(kubectl: Kubectl, job: string): Promise<EndedRun> {
  const { condition, reason } = await kubectl.objects.until(`job/${job}`, ([found]) => {
    const over = arrayAt(found, 'status', 'conditions').find(
      (each) =>
        ['Complete', 'Failed'].includes(stringAt(each, 'type') ?? '') && stringAt(each, 'status') === 'True',
    );
    if (over === undefined) throw new Error(`job/${job} goes on: ${JSON.stringify(found?.status)}`);
    return {
      condition: stringAt(over, 'type') as EndedRun['condition'],
      reason: stringAt(over, 'reason') ?? '',
    };
  });
  const pods = await kubectl.objects.list('pods', `job-name=${job}`);
  return { condition, reason, pods: pods.flatMap((pod) => endOf(pod) ?? []) };
}

/** How a pod's container ended; undefined where it has not. */
export function endOf(pod: JsonObject): EndedRun['pods'][number] | undefined {
  const [status] = arrayAt(pod, 'status', 'containerStatuses');
  const exitCode = numberAt(status, 'state', 'terminated', 'exitCode');
  if (exitCode === undefined) return undefined;
  return {
    name: nameOf(pod),
    exitCode,
    message: (stringAt(status, 'state', 'terminated', 'message') ?? '').trim(),
  };
}

/** Looks every few milliseconds, until it is so. */
export async function soon(isSo: () => boolean, what: string, timeoutMs = 60_000): Promise<void> {
  for (const deadline = performance.now() + timeoutMs; !isSo(); await sleep(5))
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
}

/** A run's program, as this machine sees what the node runs. */
export interface RunningProgram {
  /** It does nothing until it goes on. */
  stop(): void;
  goOn(): void;
  /** SIGTERM waits for it. */
  isToldToEnd(): boolean;
}

/** Undefined where none backs this namespace up. */
export function programOf(namespace: string): RunningProgram | undefined {
  const pid = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((name) => {
      const [program = '', ...words] = read(`/proc/${name}/cmdline`).split('\0');
      return program.endsWith('/memcached-backup') && words[0] === 'backup' && words.includes(namespace);
    });
  if (pid === undefined) return undefined;
  return {
    stop: () => void process.kill(Number(pid), 'SIGSTOP'),
    goOn: () => void process.kill(Number(pid), 'SIGCONT'),
    isToldToEnd: () => {
      const pending = /^ShdPnd:\s*([0-9a-f]+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? '0';
      return (BigInt(`0x${pending}`) & (1n << BigInt(constants.signals.SIGTERM - 1))) !== 0n;
    },
  };
}

/** "" of a process that ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
