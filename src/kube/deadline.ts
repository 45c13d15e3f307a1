import { UnreachableError } from '../errors/tool-error.ts';
import type { KubeClient } from './client.ts';

/**
 * The same client, whose every request ends after `ms` milliseconds, retries included: for whoever would
 * rather do without an answer than wait for it. A request that was given up may still be answered; nobody
 * hears it. @throws UnreachableError naming the request that took too long.
 */
export function withDeadline(kube: KubeClient, ms: number): KubeClient {
  const limit = <T>(what: string, answer: Promise<T>): Promise<T> => {
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const expire = (): void => reject(new UnreachableError(`${what}: no answer within ${ms / 1000} s`));
    const timer = setTimeout(expire, ms);
    answer.catch(() => {});
    return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
  };
  return {
    namespace: kube.namespace,
    contextName: kube.contextName,
    server: kube.server,
    get caDigest() {
      return kube.caDigest;
    },
    raw: (path) => limit(path, kube.raw(path)),
    connectionFacts: () => limit('/version', kube.connectionFacts()),
    get: (ref) => limit(`get ${ref.kind} ${ref.name}`, kube.get(ref)),
    getMetadata: (ref) => limit(`get ${ref.kind} ${ref.name}`, kube.getMetadata(ref)),
    list: (type, options) => limit(`list ${type.plural}`, kube.list(type, options)),
    listAs: (type, options, keep) => limit(`list ${type.plural}`, kube.listAs(type, options, keep)),
    podLog: (namespace, pod, options) => limit(`the log of pod/${pod}`, kube.podLog(namespace, pod, options)),
    create: (object, options) => limit(`create ${object.kind}`, kube.create(object, options)),
    replace: (object, options) => limit(`update ${object.kind}`, kube.replace(object, options)),
    patch: (ref, operations, options) =>
      limit(`patch ${ref.kind} ${ref.name}`, kube.patch(ref, operations, options)),
    apply: (object, options) => limit(`apply ${object.kind}`, kube.apply(object, options)),
    delete: (ref, options) => limit(`delete ${ref.kind} ${ref.name}`, kube.delete(ref, options)),
    evict: (ref, options) => limit(`evict pod ${ref.name}`, kube.evict(ref, options)),
    resourceType: (apiVersion, kind) => limit(`discover ${apiVersion}`, kube.resourceType(apiVersion, kind)),
    connect: async () => kube.connect?.(),
    expectPortForwards: (count) => kube.expectPortForwards?.(count),
    portForward: (namespace, pod, port, timeoutMs) =>
      kube.portForward(namespace, pod, port, Math.min(timeoutMs, ms)),
    close: () => kube.close(),
  };
}
