import { KUBECTL_PLUGIN, spellInvocation } from './spell-invocation.ts';

/** Whether Helm started us: it names the plugin (helm.sh/helm/v3/pkg/plugin, SetupPluginEnv). */
export function startedByHelm(env: NodeJS.ProcessEnv): boolean {
  return env.HELM_PLUGIN_NAME === 'memcached-backup';
}

/** A help page in the words of whoever called us. */
export function toInvocation(text: string, env: NodeJS.ProcessEnv): string {
  return spellInvocation(text, startedByHelm(env) ? 'helm memcached-backup' : KUBECTL_PLUGIN);
}
