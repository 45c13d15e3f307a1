import type { JsonObject } from '../../../src/model/json/json.ts';

/** A release with something of everything that an upgrade can change or take away; with one pod. */
export const RICH_VALUES: JsonObject = {
  memcached: { maxMemory: 24, maxConnections: 128 },
  extraEnv: [
    { name: 'REGION', value: 'north' },
    { name: 'TIER', value: 'cache' },
  ],
  podAnnotations: { 'example.org/owner': 'team-a', 'example.org/note': 'hello' },
  podDisruptionBudget: { enabled: true },
  networkPolicy: { enabled: true },
};

/** One value changed (-c), and an env entry, an annotation and an object taken away. */
export const NEXT_VALUES: JsonObject = {
  ...RICH_VALUES,
  memcached: { maxMemory: 24, maxConnections: 200 },
  extraEnv: [{ name: 'REGION', value: 'north' }],
  podAnnotations: { 'example.org/owner': 'team-a' },
  podDisruptionBudget: { enabled: false },
};

const MIB = 1024 * 1024;

/** What `stats settings` says of RICH_VALUES, and of NEXT_VALUES. */
export const RICH_SETTINGS = { maxbytes: String(24 * MIB), maxconns: '128' };
export const NEXT_SETTINGS = { maxbytes: String(24 * MIB), maxconns: '200' };
