import type { ValidateFunction } from 'ajv';

/** The definitions of our schemas that a reader asks for: those of a backup, and the lines of a journal. */
export const DEFINITIONS = {
  v1: ['BackupDocument', 'SettingsDocument'],
  v2: ['start', 'will', 'refused', 'did', 'end', 'undone'],
} as const;

type Version = keyof typeof DEFINITIONS;
export type Definition = (typeof DEFINITIONS)[Version][number];
export type Validators = Readonly<Record<Definition, ValidateFunction>>;

let made: Promise<Validators> | undefined;

/**
 * Ajv's function for each of {@link DEFINITIONS}, made once a run: to make them takes longer than to use them.
 * In what is built, finished functions stand in the place of this module (scripts/build/finished-schemas.ts).
 */
export function validators(): Promise<Validators> {
  made ??= compile();
  return made;
}

async function compile(): Promise<Validators> {
  const ajv = await schemas();
  const all = Object.entries(DEFINITIONS).flatMap(([version, names]) =>
    names.map((name) => [name, ajv.compile({ $ref: `${version}#/definitions/${name}` })] as const),
  );
  return Object.fromEntries(all) as Validators;
}

/** An Ajv that knows the schemas. @param options those of the functions that it makes. */
export async function schemas(options: { code?: { source: true; esm: true } } = {}) {
  const [{ Ajv }, { default: v1 }, { default: v2 }] = await Promise.all([
    import('ajv'),
    import('../model/records/backup-v1.schema.json', { with: { type: 'json' } }),
    import('../model/records/journal-v2.schema.json', { with: { type: 'json' } }),
  ]);
  // The schemas themselves are checked by a test, not in every run.
  const ajv = new Ajv({ meta: false, validateSchema: false, ...options });
  return ajv.addSchema(v1, 'v1').addSchema(v2, 'v2');
}
