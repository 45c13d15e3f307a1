import type { CommandSpec } from '../command-spec.ts';
import { ALL_NAMESPACES, NO_HEADERS, OUTPUT, outputFormat, STORE } from '../common-flags.ts';

export const listCommand: CommandSpec = {
  name: 'list',
  arguments: ['[RELEASE]'],
  summary: 'List the backups in the store',
  details:
    'Reads the store alone and needs no cluster: shows every namespace in it, unless -n names one (Helm always does; -A shows all).',
  flags: [STORE, ALL_NAMESPACES, OUTPUT, NO_HEADERS],
  examples: [
    { purpose: 'The backups of one release', words: 'list my-memcached -n cache' },
    { purpose: 'Everything in a store, for a script', words: 'list -A --store /srv/backups -o json' },
  ],
  run: async ({ words: [release], values, namespace }, context) => {
    const { list } = await import('../../commands/list.ts');
    return list(
      {
        ...(release === undefined ? {} : { release }),
        ...(namespace === undefined ? {} : { namespace }),
        allNamespaces: values.isSet('all-namespaces'),
        output: outputFormat(values),
        headers: !values.isSet('no-headers'),
      },
      context,
    );
  },
};
