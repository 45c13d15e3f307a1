import type { Spelling } from '../../advice/spell.ts';
import type { RestoreSource } from '../../backup/source.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import type { KubeObject, ObjectRef } from '../../model/kubernetes/object.ts';
import type { UnservedKind } from '../../model/plan/rehearsal.ts';
import type { PodSettings } from '../../model/records/backup-format.ts';
import type { Pace } from '../pods/paced/pace.ts';
import type { DryRunAnswer, ReferencedToo } from './dry-run.ts';
import type { PodLimits } from './pod-limits.ts';

/** Everything that a plan is made of: read before, so that making it needs no cluster. */
export interface PlanInput {
  source: RestoreSource;
  live: LiveRelease;
  answers: Map<string, DryRunAnswer>;
  /** Kinds of the backup that the cluster does not serve; absent where nobody asked. */
  unserved?: UnservedKind[];
  /** What the live pods say of themselves. */
  livePods: PodSettings[];
  /** What may keep the namespace's pods from being created; absent where nobody looked. */
  limits?: PodLimits;
  now: Date;
  /** Of the commands in warnings and refusals. */
  spelling: Spelling;
  options: PlanOptions;
}

export interface PlanOptions {
  /** Restore also a release that holds other workloads than memcached. */
  wholeRelease: boolean;
  /** Restore also what Argo CD, Flux or an operator manages, and over a pending Helm operation. */
  force?: boolean;
  /** Taking a restore back: its plan is advised upon as `undo` can be run. */
  operation?: 'restore' | 'undo';
  /** Delete and make again also a Service, which loses its address. */
  recreate?: boolean;
  /** Restart pods that do not follow their template by themselves (OnDelete). */
  restart?: boolean;
  /** End no pod that has a cache: what memcached takes at run time is sent to it, the rest is left. */
  withoutRestart?: boolean;
  /** Replace pods one by one, so gently; as their workloads say where absent. */
  pace?: Pace;
  /**
   * Which workloads' pods may be restarted because they run with other settings; all where absent. An undo
   * restarts none for what new pods would not bring back.
   */
  mayRestart?: (workload: KubeObject) => boolean;
  /** Which referenced objects are replaced where they differ; by default none is. */
  referencedToo?: ReferencedToo;
  /** Which objects may be written at all; every one where absent. An undo keeps what its restore did not write. */
  mayWrite?: (ref: ObjectRef) => boolean;
}
