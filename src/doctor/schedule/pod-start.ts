import { kubectl, placeholder } from '../../advice/command.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { arrayAt, isObject, stringAt } from '../../model/json/json.ts';
import { waitingCause } from '../../model/kubernetes/container-reason.ts';
import { isSoonOver, type ReportedEvent } from '../../model/kubernetes/event.ts';
import { type KubeObject, nameOf } from '../../model/kubernetes/object.ts';
import { isNodeComing } from '../scale-up.ts';
import { type BackupRun, inNamespace, ofRun, patchPodSpec, refBeside, runNow, said } from './backup-run.ts';
import { type ContainerState, containerStates } from './container-states.ts';
import { missing } from './missing.ts';
import { otherImage } from './other-image.ts';

/**
 * Why the run's pod has not started: nowhere to run, a volume that isn't there, an image, something that its
 * containers need. The first cause only.
 * @param events about the pod, the newest first.
 */
export function judgePodStart(
  run: BackupRun & { pod: KubeObject },
  events: readonly ReportedEvent[],
  now: Date,
): Finding[] {
  const unscheduled = isNodeComing(events, now) ? undefined : judgeScheduling(run);
  if (unscheduled !== undefined) return [unscheduled];
  for (const state of containerStates(run.pod)) {
    const found = judgeWaiting(run, state, events);
    if (found !== undefined) return [found];
  }
  return [];
}

function judgeScheduling(run: BackupRun & { pod: KubeObject }): Finding | undefined {
  const condition = arrayAt(run.pod, 'status', 'conditions').find(
    (each) => stringAt(each, 'type') === 'PodScheduled' && stringAt(each, 'status') === 'False',
  );
  if (!isObject(condition)) return undefined;
  const message = stringAt(condition, 'message') ?? '';
  const evidence = [
    said(stringAt(condition, 'reason') ?? '', message, stringAt(condition, 'lastTransitionTime')),
  ];
  const claims = claimsOf(run.pod);
  if (claims.length > 0 && /persistentvolumeclaim|volume node affinity|unbound immediate/i.test(message)) {
    return ofRun('MB233', run, {
      summary: `waits for its volume: ${claims.map((claim) => `persistentvolumeclaim/${claim}`).join(', ')}`,
      evidence,
      advice: claims.map((claim) => kubectl('describe', 'pvc', claim, ...inNamespace(run))),
      about: claims.map((claim) => refBeside(run, 'PersistentVolumeClaim', claim)),
    });
  }
  return ofRun('MB235', run, {
    summary: 'no node takes its pod',
    evidence,
    advice: [kubectl('describe', 'pod', nameOf(run.pod), ...inNamespace(run)), kubectl('describe', 'nodes')],
  });
}

export function claimsOf(pod: KubeObject): string[] {
  return arrayAt(pod, 'spec', 'volumes').flatMap(
    (volume) => stringAt(volume, 'persistentVolumeClaim', 'claimName') ?? [],
  );
}

function judgeWaiting(
  run: BackupRun & { pod: KubeObject },
  { name, image, waiting }: ContainerState,
  events: readonly ReportedEvent[],
): Finding | undefined {
  if (waiting === undefined) return undefined;
  const { reason, message } = waiting;
  const cause = waitingCause(reason);
  if (cause === 'image') {
    const failed = events.find((event) => event.reason === 'Failed' && /pull image/i.test(event.message));
    const evidence = [
      said(reason, message),
      ...(failed === undefined ? [] : [said(failed.reason, failed.message, failed.at)]),
    ];
    return unpulled(run, name, image, evidence);
  }
  if (cause === 'start') {
    const evidence = [said(reason, message)];
    return missingObject(run, message, evidence) ?? unstarted(run, name, evidence);
  }
  if (reason !== 'ContainerCreating' && reason !== 'PodInitializing') return undefined;
  const mount = events.find(
    (event) => /^Failed(?:Mount|AttachVolume|MapVolume)$/.test(event.reason) && !isSoonOver(event),
  );
  // The kubelet turns to images once every volume is mounted (pkg/kubelet/kubelet.go, SyncPod).
  const isMounted = events.some(({ reason }) => /^Pull(?:ing|ed)$/.test(reason));
  if (mount === undefined || isMounted) return undefined;
  const evidence = [said(mount.reason, mount.message, mount.at)];
  return missingObject(run, mount.message, evidence) ?? unmounted(run, evidence);
}

function unpulled(run: BackupRun, container: string, image: string, evidence: Evidence[]): Finding {
  const refused = evidence.some(({ text }) =>
    /unauthorized|denied|authentication|forbidden|no basic auth/i.test(text),
  );
  const account = placeholder('--docker-server=server --docker-username=user --docker-password=password');
  const login = [
    kubectl('create', 'secret', 'docker-registry', 'registry-login', account, ...inNamespace(run)),
    patchPodSpec(run, { imagePullSecrets: [{ name: 'registry-login' }] }),
  ];
  return ofRun('MB230', run, {
    summary: `the image ${image} can't be pulled`,
    evidence,
    advice: [...(refused ? login : []), otherImage(run, container), runNow(run)],
  });
}

/** The kubelet's words for what a container needs and does not find (pkg/kubelet/kubelet_pods.go, pkg/volume). */
function missingObject(
  run: BackupRun & { pod: KubeObject },
  message: string,
  evidence: Evidence[],
): Finding | undefined {
  const absent = /\b(secret|configmap)s? "([^"]+)" not found/i.exec(message);
  if (absent !== null) return missing(run, { kind: kindOf(absent[1]!), name: absent[2]! }, evidence);
  const key = /couldn't find key (\S+) in (Secret|ConfigMap) [^/\s]+\/([\w.-]+)/.exec(message);
  if (key !== null) return missing(run, { kind: kindOf(key[2]!), name: key[3]!, key: key[1]! }, evidence);
  const item = /references non-existent (secret|config) key: (\S+)/.exec(message);
  const volume = /SetUp failed for volume "([^"]+)"/.exec(message)?.[1];
  const source = arrayAt(run.pod, 'spec', 'volumes').find((each) => stringAt(each, 'name') === volume);
  const name = stringAt(source, 'secret', 'secretName') ?? stringAt(source, 'configMap', 'name');
  if (item === null || name === undefined) return undefined;
  return missing(run, { kind: item[1] === 'secret' ? 'Secret' : 'ConfigMap', name, key: item[2]! }, evidence);
}

function kindOf(word: string): 'Secret' | 'ConfigMap' {
  return /secret/i.test(word) ? 'Secret' : 'ConfigMap';
}

function unmounted(run: BackupRun & { pod: KubeObject }, evidence: Evidence[]): Finding {
  return ofRun('MB234', run, {
    summary: 'a volume of its pod can’t be mounted',
    evidence,
    advice: [kubectl('describe', 'pod', nameOf(run.pod), ...inNamespace(run))],
    about: claimsOf(run.pod).map((claim) => refBeside(run, 'PersistentVolumeClaim', claim)),
  });
}

/** The container is there, or nearly, and its command does not run. */
export function unstarted(run: BackupRun, container: string, evidence: Evidence[]): Finding {
  const asRoot = evidence.some(({ text }) => /runAsNonRoot/.test(text));
  const program = notInImage(evidence);
  const commands = '{..containers[*].command}{..containers[*].args}';
  return ofRun('MB243', run, {
    summary: asRoot
      ? 'its image would run as root, which its securityContext rules out'
      : 'its container can’t be started',
    evidence,
    advice: [
      ...(asRoot
        ? [patchPodSpec(run, { securityContext: { runAsUser: 65534 } })]
        : [
            kubectl('get', 'cronjob', nameOf(run.cronJob), ...inNamespace(run), '-o', `jsonpath=${commands}`),
            ...(program === undefined ? [] : [otherImage(run, container, [program])]),
          ]),
      runNow(run),
    ],
  });
}

/**
 * `exec: "/bin/bash": stat /bin/bash: no such file or directory` and `exec: "helm": executable file not found in $PATH` of runc, and
 * of crun, in nodes of CRI-O and OpenShift, "executable file `helm` not found in $PATH: No such file or directory".
 */
function notInImage(evidence: readonly Evidence[]): string | undefined {
  const found = evidence.map(
    ({ text }) =>
      /exec: \\?"([^"\\]+)\\?": (?:stat .*no such file|executable file not found)/.exec(text) ??
      /executable file [`'"]([^`'"]+)[`'"] not found/.exec(text),
  );
  return found.find((match) => match !== null)?.[1];
}
