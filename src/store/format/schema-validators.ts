import type { ValidateFunction } from 'ajv';

/** The definitions of our schemas that a reader asks for: those of a backup, and the lines of a journal. */
export const DEFINITIONS = {
  'backup-v1': ['BackupDocument', 'SettingsDocument'],
  'backup-v2': ['SealedBackupDocument'],
  'journal-v2': ['start', 'will', 'refused', 'did', 'tunes', 'end', 'undone'],
} as const;

type Schema = keyof typeof DEFINITIONS;
export type Definition = (typeof DEFINITIONS)[Schema][number];
export type Validators = Readonly<Record<Definition, ValidateFunction>>;

let made: Promise<Validators> | undefined;

/**
 * Ajv's function for each of {@link DEFINITIONS}, made once a run where it is asked for: to make it takes longer than to
 * use it. In what is built, finished functions stand in the place of this module (scripts/build/finished-schemas.ts).
 */
export function validators(): Promise<Validators> {
  made ??= compiling();
  return made;
}

async function compiling(): Promise<Validators> {
  const ajv = await schemas();
  const all = Object.entries(DEFINITIONS).flatMap(([schema, names]) =>
    names.map((name): [string, PropertyDescriptor] => [
      name,
      { get: () => ajv.getSchema(`${schema}#/definitions/${name}`) },
    ]),
  );
  return Object.defineProperties({}, Object.fromEntries(all)) as Validators;
}

/** An Ajv that knows the schemas. @param options those of the functions that it makes. */
export async function schemas(options: { code?: { source: true; esm: true } } = {}) {
  const [{ Ajv }, { default: v1 }, { default: v2 }, { default: journal }] = await Promise.all([
    import('ajv'),
    import('../../model/records/backup-v1.schema.json', { with: { type: 'json' } }),
    import('../../model/records/backup-v2.schema.json', { with: { type: 'json' } }),
    import('../../model/records/journal-v2.schema.json', { with: { type: 'json' } }),
  ]);
  // The schemas themselves are checked by a test, not in every run.
  const ajv = new Ajv({ meta: false, validateSchema: false, ...options });
  return ajv.addSchema(v1, 'backup-v1').addSchema(v2, 'backup-v2').addSchema(journal, 'journal-v2');
}
