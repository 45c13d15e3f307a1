import type { CommandSpec } from '../command-spec.ts';
import { ALL_NAMESPACES, NO_HEADERS, OUTPUT, outputFormat, STORE_FLAGS } from '../common-flags.ts';
import { TRUST } from '../key-flags.ts';

export const listCommand: CommandSpec = {
  name: 'list',
  arguments: ['[RELEASE]'],
  summary: 'List the backups in the store',
  details:
    'Reads the store alone and needs no cluster: shows every namespace in it, unless -n names one (Helm always does; -A shows all).',
  flags: [
    ...STORE_FLAGS,
    ALL_NAMESPACES,
    {
      name: 'safety',
      type: 'boolean',
      describe: 'Also the safety backups in your state folder, of restores whose store did not take them',
    },
    {
      name: 'live',
      type: 'boolean',
      describe: 'Also ask the cluster which of them is as the release is now',
    },
    TRUST,
    OUTPUT,
    NO_HEADERS,
  ],
  examples: [
    { purpose: 'The backups of one release', words: 'list my-memcached -n cache' },
    { purpose: 'Which of them is what runs now', words: 'list my-memcached -n cache --live' },
    { purpose: 'Everything in a store, for a script', words: 'list -A --store /srv/backups -o json' },
  ],
  seeAlso: ['show', 'verify', 'status', 'docs/stores.md', 'docs/output.md#list'],
  run: async ({ words: [release], values, namespace }, context) => {
    const { list } = await import('../../commands/list.ts');
    return list(
      {
        ...(release === undefined ? {} : { release }),
        ...(namespace === undefined ? {} : { namespace }),
        allNamespaces: values.isSet('all-namespaces'),
        safety: values.isSet('safety'),
        live: values.isSet('live'),
        output: outputFormat(values),
        headers: !values.isSet('no-headers'),
      },
      context,
    );
  },
};
