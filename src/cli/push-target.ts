import type { PushTarget } from '../commands/push-run.ts';
import { SCHEDULE_VARIABLE } from '../model/schedule/schedule-spec.ts';
import type { FlagValues } from './flag-values.ts';

/**
 * `--push-gateway`, and what a schedule says of itself in its pods' environment; undefined where nobody is to be told.
 * @throws UsageError for what is no URL of a Pushgateway.
 */
export async function pushTarget(
  values: FlagValues,
  env: NodeJS.ProcessEnv,
): Promise<PushTarget | undefined> {
  const url = values.text('push-gateway');
  if (url === undefined) return undefined;
  const { pushGatewayUrl } = await import('../metrics/push-gateway.ts');
  const schedule = env[SCHEDULE_VARIABLE];
  return { url: pushGatewayUrl(url), env, ...(schedule ? { schedule } : {}) };
}
