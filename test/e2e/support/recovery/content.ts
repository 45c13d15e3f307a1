import type { JsonObject } from '../../../../src/model/json/json.ts';

/** What a release is made to hold, of whatever kind it is: everything that an upgrade can add, change and remove. */
export interface Content {
  /** Of memcached, MiB. */
  memory: number;
  env: Record<string, string>;
  /** Of the pods. */
  annotations: Record<string, string>;
  /** ConfigMaps RELEASE-KEY, and the text in each. */
  notes: Record<string, string>;
}

/** What the first of two backups holds, and the second. */
export const EARLIER: Content = {
  memory: 20,
  env: { REGION: 'east', TIER: 'cache' },
  annotations: { 'example.org/owner': 'team-z', 'example.org/note': 'hello' },
  notes: { plan: 'first', list: 'a' },
};
export const LATEST: Content = {
  memory: 24,
  env: { REGION: 'north', TIER: 'cache', ZONE: '1' },
  annotations: { 'example.org/owner': 'team-a', 'example.org/note': 'hello', 'example.org/since': 'may' },
  notes: { plan: 'second', list: 'a', more: 'b' },
};

/**
 * Upgrades of either: one that adds, one that changes and one that removes what was there before, or one that
 * does all of it.
 */
export function upgradesFrom(start: Content, stepByStep: boolean): Content[] {
  const added: Content = {
    ...start,
    env: { ...start.env, ADDED: 'yes' },
    annotations: { ...start.annotations, 'example.org/added': 'yes' },
    notes: { ...start.notes, added: 'yes' },
  };
  const changed: Content = {
    memory: 28,
    env: { ...added.env, REGION: 'south' },
    annotations: { ...added.annotations, 'example.org/owner': 'team-b' },
    notes: { ...added.notes, plan: 'third' },
  };
  const removed: Content = {
    ...changed,
    env: without(changed.env, 'TIER'),
    annotations: without(changed.annotations, 'example.org/note'),
    notes: without(changed.notes, 'list'),
  };
  return stepByStep ? [added, changed, removed] : [removed];
}

function without(entries: Record<string, string>, key: string): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => name !== key));
}

export function envList(env: Content['env']): JsonObject[] {
  return Object.entries(env).map(([name, value]) => ({ name, value }));
}

/** `stats settings` has it in bytes. */
export function maxbytes({ memory }: Content): string {
  return String(memory * 1024 * 1024);
}
