/** How help and advice spell a command; {@link toInvocation} says it in the user's own words. */
export const KUBECTL_PLUGIN = 'kubectl memcached-backup';

/** Whether Helm started us: it names the plugin (helm.sh/helm/v3/pkg/plugin, SetupPluginEnv). */
export function startedByHelm(env: NodeJS.ProcessEnv): boolean {
  return env.HELM_PLUGIN_NAME === 'memcached-backup';
}

/** How the user calls us. */
export function invocationOf(env: NodeJS.ProcessEnv): string {
  return startedByHelm(env) ? 'helm memcached-backup' : KUBECTL_PLUGIN;
}

export function toInvocation(text: string, env: NodeJS.ProcessEnv): string {
  return text.replaceAll(KUBECTL_PLUGIN, invocationOf(env));
}
