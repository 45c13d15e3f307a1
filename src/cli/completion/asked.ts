/** The name under which kubectl looks for completions of a plugin (k8s.io/kubectl/pkg/cmd/plugin, SetupPluginCompletion). */
export const KUBECTL_COMPLETION = 'kubectl_complete-memcached_backup';

/** The hidden command that shells and Helm ask. */
export const COMPLETE = '__complete';

/**
 * The words of the line that is to be completed, the one at the cursor last; undefined where something else is asked for. kubectl calls
 * a link to this program by another name, with those words alone.
 * @param argv0 as the program was called.
 */
export function completionWords(argv0: string, argv: readonly string[]): readonly string[] | undefined {
  // Without "node:path", which takes longer to load than all else that --version does.
  const name = argv0.replace(/^.*[\\/]/s, '').replace(/\.exe$/i, '');
  if (name === KUBECTL_COMPLETION) return argv;
  return argv[0] === COMPLETE ? argv.slice(1) : undefined;
}
