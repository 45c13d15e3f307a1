const FACTORS: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * A Kubernetes resource quantity (k8s.io/apimachinery/pkg/api/resource) as a number: "128Mi" is 134217728,
 * "100m" is 0.1. Undefined where the text is not a quantity.
 */
export function parseQuantity(text: string): number | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(text);
  if (match === null) return undefined;
  const [, digits = '', exponent, suffix = ''] = match;
  if (exponent !== undefined) return Number(digits + exponent);
  const amount = Number(digits) * FACTORS[suffix]!;
  // 0.3 and 300m are the same amount; as binary fractions they differ in the last place.
  return Number.isInteger(amount) ? amount : Number(amount.toPrecision(15));
}

const BINARY = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const;

/**
 * An amount of a resource as people write it: "250m" of cpu, "128Mi" of memory, "3" of pods.
 * @param resource as a quota names it, "requests.memory" for one.
 */
export function formatQuantity(amount: number, resource: string): string {
  if (/cpu$/.test(resource)) {
    return Number.isInteger(amount) ? String(amount) : `${Number((amount * 1000).toPrecision(12))}m`;
  }
  const suffix = /memory|storage|hugepages/.test(resource)
    ? BINARY.find((unit) => Math.abs(amount) >= FACTORS[unit]!)
    : undefined;
  if (suffix === undefined) return String(amount);
  // Two places are enough for a person; what is even stays even.
  return `${Number((amount / FACTORS[suffix]!).toFixed(2))}${suffix}`;
}
