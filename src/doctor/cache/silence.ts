import { MemcachedError } from '../../memcached/memcached-error.ts';
import { stringAt } from '../../model/json/json.ts';
import { isPodReady } from '../../model/kubernetes/workload.ts';
import { explicitSettings } from '../../model/settings/explicit-settings.ts';
import { isHeardLocally, listenAddresses } from '../../model/settings/listen-address.ts';
import { kubectlAt } from '../flag-command.ts';
import { type CachedPod, isAnswering } from './cached-pod.ts';
import type { Signal } from './signal.ts';

const STARTS_WITHIN_MS = 30_000;

/**
 * A pod that gave no answer. Where it wants a password, TLS, the binary protocol, listens on a socket file or
 * on a port that nobody can know, nothing is wrong: it just could not be looked at.
 */
export function judgeSilence(pod: CachedPod, now: Date): Signal[] {
  const { cause, settings, target } = pod.seen;
  if (isAnswering(pod) || (cause instanceof MemcachedError && cause.reason === 'busy')) return [];
  const expected = expectedSilence(pod);
  if (expected !== undefined) {
    return [
      {
        code: 'MB602',
        says: `it could not be asked: ${expected}`,
        evidence: [{ text: settings.error ?? '' }],
        advice: [],
      },
    ];
  }
  if (!isUp(pod, now)) return [];
  return [
    {
      code: 'MB601',
      says: isPodReady(pod.pod) ? 'it is ready and does not answer' : 'it does not answer',
      evidence: [{ text: settings.error ?? 'no answer' }],
      advice: [
        kubectlAt(pod.pod, 'logs', target.pod, '-c', settings.container, '--tail=20'),
        kubectlAt(pod.pod, 'port-forward', `pod/${target.pod}`, target.port),
      ],
    },
  ];
}

/** Ready, or running for longer than a start takes: of a pod that is not up the rollout has more to say. */
function isUp({ pod, status }: CachedPod, now: Date): boolean {
  const running = stringAt(status, 'state', 'running', 'startedAt');
  return isPodReady(pod) || (running !== undefined && now.getTime() - Date.parse(running) > STARTS_WITHIN_MS);
}

function expectedSilence({ seen }: CachedPod): string | undefined {
  const { settings, perPod } = explicitSettings(seen.settings);
  if (seen.target.port === 0) return 'it listens on no TCP port';
  if (seen.cause instanceof MemcachedError && seen.cause.reason === 'authentication')
    return 'it wants a user and a password';
  if (settings.get('auth_enabled_sasl') === 'yes') return 'it wants SASL authentication';
  if (settings.get('ssl_enabled') === 'yes') return 'it speaks TLS';
  if (settings.get('binding_protocol') === 'binary') return 'it speaks the binary protocol only';
  const addresses = listenAddresses(settings.get('inter') ?? '');
  if (perPod.has('inter') || (addresses.length > 0 && !addresses.some(isHeardLocally)))
    return 'it listens on its own address alone (-l), which a port-forward does not reach';
  if (seen.target.otherPorts !== undefined)
    return 'its definition does not tell which port it listens on, and nobody answers as memcached does on those that it names';
  return undefined;
}
