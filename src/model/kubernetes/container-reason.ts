/**
 * What the reason of a container's state means. The reasons are the kubelet's (1.34: pkg/kubelet/images/types.go,
 * kuberuntime/kuberuntime_container.go, container/sync_result.go; k8s.io/cri-api/pkg/errors) and the runtime's
 * (containerd's internal/cri/server, CRI-O, and Docker's older ones). Whatever judges a pod asks here, so that the same
 * pod is called the same by a restore that waits, by a rollout and by a scheduled run.
 */

/** Why a container waits: its image is not there, it can't be made or started, or it ended again and again. */
export type WaitingCause = 'image' | 'start' | 'crash-loop';

const WAITING: ReadonlyMap<string, WaitingCause> = new Map([
  ...reasons('image', [
    'ErrImagePull',
    'ImagePullBackOff',
    'InvalidImageName',
    'ErrImageNeverPull',
    'ImageInspectError',
    'RegistryUnavailable',
    'SignatureValidationFailed',
  ]),
  ...reasons('start', [
    'CreateContainerConfigError',
    'PreCreateHookError',
    'CreateContainerError',
    'ImageVolumeMountFailed',
    'RROUnsupported',
    'PreStartHookError',
    'RunContainerError',
    'PostStartHookError',
    'VerifyNonRootError',
    'RunInitContainerError',
  ]),
  ...reasons('crash-loop', ['CrashLoopBackOff']),
]);

/** @returns undefined where waiting may just pass: ContainerCreating, PodInitializing, a reason that nobody knows. */
export function waitingCause(reason: string | undefined): WaitingCause | undefined {
  return WAITING.get(reason ?? '');
}

/** Why a container ended: it took more memory than it may, its command was never run, or it said so by its exit code. */
export type EndCause = 'out-of-memory' | 'start' | 'exit';

const ENDS: ReadonlyMap<string, EndCause> = new Map([
  ...reasons('out-of-memory' as const, ['OOMKilled']),
  ...reasons('start' as const, ['StartError', 'ContainerCannotRun', 'ContainerStatusUnknown']),
]);

/** @returns undefined where it ended well. */
export function endCause(reason: string | undefined, exitCode: number | undefined): EndCause | undefined {
  const known = ENDS.get(reason ?? '');
  if (known !== undefined) return known;
  return exitCode === undefined || exitCode === 0 ? undefined : 'exit';
}

function reasons<T extends string>(cause: T, names: readonly string[]): [string, T][] {
  return names.map((name) => [name, cause]);
}
