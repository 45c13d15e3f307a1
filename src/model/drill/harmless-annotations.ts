import { isObject, type JsonObject, objectAt } from '../json/json.ts';

/**
 * Annotations that a drill keeps: those of Helm, of charts that hash their configuration, and those by which Kubernetes itself treats
 * a pod. The list is of what is known to do no harm, because that of controllers which act on an annotation has no end:
 * external-dns would point production's name at the drill, a cloud would give it production's address, a service mesh or a secret
 * injector would change its pods, Prometheus would scrape it.
 */
const KEPT_ANNOTATIONS = [
  /^meta\.helm\.sh\//,
  /^helm\.sh\//,
  /^checksum\//,
  /^deployment\.kubernetes\.io\/revision$/,
  /^deprecated\.daemonset\.template\.generation$/,
  /^kubectl\.kubernetes\.io\/(?:default-container|restartedAt)$/,
  /^container\.apparmor\.security\.beta\.kubernetes\.io\//,
  /^seccomp\.security\.alpha\.kubernetes\.io\//,
];

/** Labels that a drill keeps beside those that a selector of the release names; what has no domain is people's own. */
const KEPT_LABELS = [/^[^/]+$/, /^app\.kubernetes\.io\//, /^helm\.sh\//, /^pod-security\.kubernetes\.io\//];

/** `kubectl apply` compares with it, and nobody acts on it: it goes without a word, for it would say what is not so. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Takes annotations and labels that a controller may act on out of `metadata`, which is changed.
 * @param selectors keys that a selector of the release names.
 * @returns what was taken out, a clause each.
 */
export function withoutSignals(metadata: JsonObject | undefined, selectors: ReadonlySet<string>): string[] {
  if (metadata === undefined) return [];
  const annotations = dropKeys(metadata, 'annotations', (key) =>
    KEPT_ANNOTATIONS.some((kept) => kept.test(key)),
  );
  const labels = dropKeys(
    metadata,
    'labels',
    (key) => selectors.has(key) || KEPT_LABELS.some((kept) => kept.test(key)),
  );
  return [
    ...annotations.filter((key) => key !== LAST_APPLIED).map((key) => `without annotation ${key}`),
    ...labels.map((key) => `without label ${key}`),
  ];
}

function dropKeys(metadata: JsonObject, field: string, isKept: (key: string) => boolean): string[] {
  const map = metadata[field];
  if (!isObject(map)) return [];
  const dropped = Object.keys(map).filter((key) => !isKept(key));
  for (const key of dropped) delete map[key];
  if (Object.keys(map).length === 0) delete metadata[field];
  return dropped;
}

/** Keys of labels by which an object chooses pods: a Service, a workload, an affinity, a spread. */
export function selectorKeys(object: JsonObject): string[] {
  return keysWithin(object, 0);
}

/** Fields that hold a LabelSelector, or for a Service a map of labels. */
const SELECTORS = new Set(['selector', 'labelSelector', 'podSelector']);
const MAX_DEPTH = 24;

function keysWithin(value: unknown, depth: number): string[] {
  if (depth > MAX_DEPTH) return [];
  if (Array.isArray(value)) return value.flatMap((item) => keysWithin(item, depth + 1));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([field, item]) => [
    ...(SELECTORS.has(field) && isObject(item) ? keysOfSelector(item) : []),
    ...keysWithin(item, depth + 1),
  ]);
}

function keysOfSelector(selector: JsonObject): string[] {
  const expressions = Array.isArray(selector.matchExpressions) ? selector.matchExpressions : [];
  const inExpressions = expressions.flatMap((each) =>
    isObject(each) && typeof each.key === 'string' ? [each.key] : [],
  );
  const plain = Object.entries(selector).flatMap(([key, value]) => (typeof value === 'string' ? [key] : []));
  return [...Object.keys(objectAt(selector, 'matchLabels') ?? {}), ...inExpressions, ...plain];
}
