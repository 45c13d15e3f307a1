import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';
import { DEFINITIONS, schemas } from '../../src/store/format/schema-validators.ts';

const { default: standaloneCode } = createRequire(import.meta.url)('ajv/dist/standalone') as {
  default: typeof import('ajv/dist/standalone/index.js').default;
};

/** Puts finished validating functions in place of the module that has Ajv make them: Ajv itself is not shipped. */
export const finishedSchemas: Plugin = {
  name: 'finished-schemas',
  setup: ({ onLoad }) => {
    onLoad({ filter: /src\/store\/format\/schema-validators\.ts$/ }, async ({ path }) => {
      contents ??= finishedValidators();
      return { contents: await contents, loader: 'js', resolveDir: dirname(path) };
    });
  },
};

/** Made once: it takes a second. */
let contents: Promise<string> | undefined;

async function finishedValidators(): Promise<string> {
  const names = Object.entries(DEFINITIONS).flatMap(([schema, definitions]) =>
    definitions.map((name) => [name, `${schema}#/definitions/${name}`] as const),
  );
  const ajv = await schemas({ code: { source: true, esm: true } });
  const functions = standaloneCode(ajv, Object.fromEntries(names.map(([name, id]) => [name, id])));
  const table = names.map(([name]) => name).join(', ');
  const constants = `export const DEFINITIONS = ${JSON.stringify(DEFINITIONS)};`;
  return `${functions}\n${constants}\nexport const validators = async () => ({ ${table} });`;
}
