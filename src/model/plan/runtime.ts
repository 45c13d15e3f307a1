import type { ObjectRef } from '../kubernetes/object.ts';
import type { RuntimeSetting } from '../settings/runtime-settings.ts';
import type { SettingDifference } from '../settings/settings.ts';

/** What is sent to the memcached of one pod, which runs on. */
export interface RuntimeChange {
  /** Its name; `uid` tells it from a later one of that name. */
  pod: string;
  uid: string;
  /** "deployment.apps/cart" */
  workload: string;
  /** In order: "cache_memlimit 64". */
  commands: string[];
  settings: RuntimeSetting[];
}

/** An object that is not written, because that would end pods, or would have others end them. */
export interface LeftForRestart {
  ref: ObjectRef;
  /** One clause. */
  why: string;
  /** Its metadata.generation: while it has this one, nobody has written it since. 0 where it has none. */
  generation: number;
  /** Of its fields, as of a planned object. */
  changes: string[];
  /** Settings of its pods that no command changes. */
  settings: (SettingDifference & { why?: string })[];
}

/** Of a restore without restarts: what it does to running servers, and what it leaves for their next start. */
export interface RuntimePlan {
  changes: RuntimeChange[];
  left: LeftForRestart[];
}
