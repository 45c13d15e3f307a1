import { randomBytes } from 'node:crypto';
import { advice } from '../advice/advice.ts';
import { tool } from '../advice/command.ts';
import { interruptible } from '../errors/interruptible.ts';
import { ToolError, UsageError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { isForbidden } from '../kube/inventory.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import type { CommandContext } from '../session/context.ts';
import { showing } from '../session/under-way.ts';
import {
  asDrillNamespace,
  awaitNamespaceGone,
  deleteDrillNamespace,
  drillNamespaces,
  isLeftOver,
  makeDrillNamespace,
  namespaceRefOf,
} from './drill-namespace.ts';
import type { DrillSession } from './drill-session.ts';
import { awaitPodsGone, emptyOfDrills, othersAtHome } from './given-namespace.ts';
import { shutInPolicy } from './shut-in.ts';

/** Where a drill is held. */
export interface Stage {
  name: string;
  /** Of the namespace that it made; undefined: it was there, and stays. */
  uid: string | undefined;
}

/** What becomes of it, before anything is made. */
export interface PlannedStage {
  name: string;
  isGiven: boolean;
}

/** How long a drill may take beside its rollout, before others may take it for dead. */
const MARGIN_MS = 15 * 60_000;
/** How long what goes is waited for. */
export const GOING_MS = 120_000;
const UNTOUCHED = 'nothing was made';

/**
 * Where the drill will be held: in the namespace of --into, which is made where it is missing, or in one with a name of its own.
 * @throws UsageError where that is the release's own namespace, or others are at home in it.
 */
export async function planStage({ kube, saved, options }: DrillSession): Promise<PlannedStage> {
  const { release, namespace } = saved.document;
  const { into } = options;
  if (into === undefined) return { name: ownName(release), isGiven: false };
  if (into === namespace.name) {
    throw new UsageError(`a drill is not held in ${into}, the namespace of the release itself`, {
      untouched: UNTOUCHED,
      next: '--into another namespace, or none at all: then the drill makes one',
    });
  }
  const there = await readNamespace(kube, into);
  if (there === undefined) return { name: into, isGiven: false };
  const drill = there === 'forbidden' ? undefined : asDrillNamespace(there);
  if (drill !== undefined) {
    throw new ToolError(`namespace ${into} is that of another drill, of ${drill.of}`, {
      untouched: UNTOUCHED,
      next: advice`name another one, or remove what it left: ${tool('drill', '--clean')}`,
    });
  }
  const others = await othersAtHome(kube, into);
  if (others.length > 0) {
    throw new UsageError(
      `a drill wants a namespace of its own, and ${into} holds ${others.slice(0, 8).join(', ')}`,
      {
        untouched: UNTOUCHED,
        next: '--into another namespace, or none at all: then the drill makes one',
      },
    );
  }
  return { name: into, isGiven: true };
}

/** 63 characters at most, as for every name of a namespace; a release's may be longer, and have dots. */
function ownName(release: string): string {
  const stem = release.replaceAll('.', '-').slice(0, 45).replace(/-+$/, '');
  return `drill-${stem}-${randomBytes(3).toString('hex')}`;
}

async function readNamespace(kube: KubeClient, name: string): Promise<KubeObject | undefined | 'forbidden'> {
  try {
    return await kube.get(namespaceRefOf(name));
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return 'forbidden';
  }
}

/**
 * Makes the namespace, or empties a given one of what an earlier drill left, and shuts it in.
 * @param onMade told of the namespace as soon as it is there, whatever fails next.
 */
export async function setStage(
  session: DrillSession,
  { name, isGiven }: PlannedStage,
  onMade: (stage: Stage) => void,
): Promise<void> {
  const { kube, id, saved, address, options, context } = session;
  if (isGiven) {
    onMade({ name, uid: undefined });
    const { deleted } = await emptyOfDrills(kube, name, undefined);
    if (deleted.length > 0)
      context.io.say(`Removed what an earlier drill left in ${name}: ${deleted.join(', ')}.`);
  } else {
    const { release, namespace } = saved.document;
    const labels = Object.entries(namespace.labels).filter(([key]) =>
      key.startsWith('pod-security.kubernetes.io/'),
    );
    const uid = await makeDrillNamespace(kube, {
      id,
      name,
      of: `${namespace.name}/${release}@${address.id}`,
      expires: new Date(context.now().getTime() + options.timeoutMs + MARGIN_MS),
      labels: Object.fromEntries(labels),
    });
    onMade({ name, uid });
  }
  await kube.create(shutInPolicy(name, id, !isGiven), { fieldManager: 'memcached-backup' });
}

/**
 * Removes all that the drill made. A person who ended the drill does not wait until it is gone.
 * @returns why something stays, a clause each; none: all of it is gone, or going.
 */
export async function strikeStage(
  { kube, id, context }: DrillSession,
  { name, uid }: Stage,
): Promise<string[]> {
  const { signal, io } = context;
  const wait = { timeoutMs: GOING_MS, signal };
  if (uid !== undefined) {
    await deleteDrillNamespace(kube, { name, uid });
    const isGone = await showing(io, `Waiting until namespace ${name} is gone`, () =>
      awaitNamespaceGone(kube, { name, uid }, wait),
    );
    return isGone || signal.aborted
      ? []
      : [`namespace ${name} is still being deleted after ${GOING_MS / 1000} s`];
  }
  const { stays } = await emptyOfDrills(kube, name, id);
  const isGone = await showing(io, `Waiting until the pods in ${name} are gone`, () =>
    awaitPodsGone(kube, name, id, wait),
  );
  return [
    ...stays,
    ...(isGone || signal.aborted ? [] : [`pods in ${name} still stop after ${GOING_MS / 1000} s`]),
  ];
}

/** What drills left that are over. */
export interface CleanedUp {
  /** Namespaces that were deleted. */
  removed: { namespace: string; of: string }[];
  /** Those of drills under way. */
  underWay: { namespace: string; of: string; holder: string }[];
  /** They may not be listed. */
  unseen: boolean;
}

/** Deletes the namespaces of drills that are over, and does not wait until they are gone. @param isAsked {@link isLeftOver} */
export async function removeLeftOvers(
  kube: KubeClient,
  { now, signal }: Pick<CommandContext, 'now' | 'signal'>,
  { isAsked }: { isAsked: boolean },
): Promise<CleanedUp> {
  const all = await interruptible(drillNamespaces(kube), signal, UNTOUCHED);
  const present = (all ?? []).filter(({ going }) => !going);
  const over = present.filter((each) => isLeftOver(each, now(), isAsked));
  for (const each of over) await deleteDrillNamespace(kube, each);
  return {
    removed: over.map(({ name, of }) => ({ namespace: name, of })),
    underWay: present
      .filter((each) => !over.includes(each))
      .map(({ name, of, holder }) => ({ namespace: name, of, holder })),
    unseen: all === undefined,
  };
}
