import type { LiveRelease } from '../../kube/read-release.ts';
import { arrayAt, stringAt } from '../../model/json/json.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';
import type { PodSettings } from '../../model/records/backup-format.ts';

/**
 * Images whose tag leads to another digest now than at the backup, as far as running pods show it: where no pod
 * runs the image, nobody knows what a pull would give.
 * @param pods those of the backup.
 * @param workloads whose pods the plan makes anew, by their names.
 */
export function movedImages(pods: PodSettings[], workloads: Set<string>, live: LiveRelease): string[] {
  const then = digestsByImage(pods.filter(({ workload }) => workloads.has(workload)));
  const now = digestsByImage(live.all('Pod').flatMap(imagesOfPod));
  return [...then].flatMap(([image, before]) => {
    const others = [...(now.get(image) ?? [])].filter((digest) => !isAmong(digest, before));
    if (others.length === 0 || image.includes('@')) return [];
    return [
      `the tag of ${image} moved: it led to ${[...before].map(short).join(', ')} at the backup, and pods of this namespace run ${others.map(short).join(', ')}`,
    ];
  });
}

interface RunningImage {
  image: string;
  imageID?: string;
}

function imagesOfPod(pod: KubeObject): RunningImage[] {
  // The status says the image in the runtime's words; the spec, as the template does.
  const images = new Map(
    arrayAt(pod, 'spec', 'containers').map((container) => [
      stringAt(container, 'name'),
      stringAt(container, 'image') ?? '',
    ]),
  );
  return arrayAt(pod, 'status', 'containerStatuses').map((status) => ({
    image: images.get(stringAt(status, 'name')) ?? '',
    imageID: stringAt(status, 'imageID') ?? '',
  }));
}

function digestsByImage(running: RunningImage[]): Map<string, Set<string>> {
  const digests = new Map<string, Set<string>>();
  for (const { image, imageID = '' } of running) {
    const digest = digestOf(imageID);
    if (digest !== undefined) digests.set(image, (digests.get(image) ?? new Set()).add(digest));
  }
  return digests;
}

/**
 * "repo@sha256:…" names what the registry holds, "sha256:…" alone an image that was loaded into the node: the
 * two can't be compared, so each keeps its form.
 */
function digestOf(imageID: string): string | undefined {
  const match = /(@?sha256:[0-9a-f]{64})$/.exec(imageID);
  return match?.[1];
}

/** Also where only digests of the other form are known: they say nothing of this one. */
function isAmong(digest: string, known: Set<string>): boolean {
  const comparable = [...known].filter((other) => other.startsWith('@') === digest.startsWith('@'));
  return comparable.length === 0 || comparable.includes(digest);
}

/** As `docker images` shortens them. */
function short(digest: string): string {
  return digest.replace('@', '').slice(0, 'sha256:'.length + 12);
}
