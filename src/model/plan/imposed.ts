import type { ObjectRef } from '../kubernetes/object.ts';
import type { SettingDifference } from '../settings/settings.ts';

/** What the API server makes of an object whenever it is written (a mutating webhook, a policy), whatever is sent. */
export interface Imposed {
  ref: ObjectRef;
  /** "spec.replicas: 2 → 3", from what is sent to what becomes of it. */
  changes: string[];
  /** Something of the backup is changed or taken away, and not only something added beside it. */
  weighs: boolean;
  /** Settings of memcached that its arguments then name otherwise than the backup's: undefined where they don't. */
  settings: { key: string; backup?: string; server?: string }[];
  /** The container's command, arguments or env change, and what that does to its settings can't be told. */
  opaque: boolean;
}

/** Whether a setting differs from the backup's because of that: no restart brings it back. */
export function isImposed({ key, actual }: SettingDifference, imposed: Imposed | undefined): boolean {
  const setting = imposed?.settings.find((each) => each.key === key);
  if (setting === undefined) return imposed?.opaque === true;
  return setting.server === undefined || setting.server === actual;
}

/** "the API server changes deployment.apps/cart: …" */
export function imposedText(name: string, { changes, weighs }: Imposed): string {
  const verb = weighs ? 'changes' : 'adds to';
  return `the API server ${verb} ${name} whenever it is written (a webhook or a policy does): ${changes.join(', ')}`;
}
