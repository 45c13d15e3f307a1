import { KUBECTL_PLUGIN, spellInvocation } from '../session/spell-invocation.ts';

/** Whether Helm started us: it names the plugin (helm.sh/helm/v3/pkg/plugin, SetupPluginEnv). */
export function startedByHelm(env: NodeJS.ProcessEnv): boolean {
  return env.HELM_PLUGIN_NAME === 'memcached-backup';
}

/**
 * How the user calls us.
 * @param flags each command that is advised needs them too: those that say which cluster is meant, a word each.
 */
export function invocationOf(env: NodeJS.ProcessEnv, flags: readonly string[] = []): string {
  return [startedByHelm(env) ? 'helm memcached-backup' : KUBECTL_PLUGIN, ...flags].join(' ');
}

export function toInvocation(text: string, env: NodeJS.ProcessEnv): string {
  return spellInvocation(text, invocationOf(env));
}
