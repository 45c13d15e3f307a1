import type { RecordedRequest, RecordingProxy } from './recording-proxy.ts';

/** What a client sent at once, before it had any answer to it. */
export interface RoundTrip {
  /** Port-forwards that were opened among them. */
  requests: RecordedRequest[];
  /** How many times bytes went to pods over port-forwards that were open. */
  toPods: number;
}

/** So long nothing may be sent until the client counts as waiting: its own work takes less, on a busy machine, too. */
const QUIET_MS = 300;

/**
 * Counts what stands one after the other. Everything that comes from the API server, answers and the bytes of pods, is
 * held back until the client sends nothing more, and then let through at once: what it sends then, it can only have
 * known by that. Setting up connections is not counted. A client that polls makes one more with each look.
 */
export class RoundTrips {
  readonly trips: RoundTrip[] = [];
  #current: RoundTrip = { requests: [], toPods: 0 };
  /** Sent to the API server and not answered yet. */
  readonly #open = new Set<object>();
  #held: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** A request has come in. @param key of its answer. */
  sent(key: object, request: RecordedRequest): void {
    this.#open.add(key);
    this.#current.requests.push(request);
    this.#wait();
  }

  /** Bytes for a pod have come in. */
  toPod(chunk: Buffer): void {
    // A frame that closes (RFC 6455, section 5.5.1) asks for nothing.
    if ((chunk[0]! & 0x0f) === 0x8) return;
    this.#current.toPods++;
    this.#wait();
  }

  /** Whoever asked is gone. */
  gone(key: object): void {
    if (this.#open.delete(key)) this.#wait();
  }

  /** The API server has answered, or a pod. @returns when that may be passed on. */
  arrived(key?: object): Promise<void> {
    if (key !== undefined) this.#open.delete(key);
    return new Promise((resolve) => {
      this.#held.push(resolve);
      this.#wait();
    });
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#letThrough(), QUIET_MS);
  }

  #letThrough(): void {
    // An answer is still to come, and starts the wait anew.
    if (this.#open.size > 0 || this.#held.length === 0) return;
    const { requests, toPods } = this.#current;
    if (requests.length + toPods > 0) this.trips.push(this.#current);
    this.#current = { requests: [], toPods: 0 };
    const held = this.#held;
    this.#held = [];
    for (const pass of held) pass();
  }
}

/** The round trips of what `run` sends through the proxy, in order; empty ones are none. */
export async function roundTripsOf(proxy: RecordingProxy, run: () => Promise<unknown>): Promise<RoundTrip[]> {
  const counted = new RoundTrips();
  proxy.roundTrips = counted;
  try {
    await run();
  } finally {
    proxy.roundTrips = undefined;
  }
  return counted.trips;
}

/** A line for each, for the message of a test that counts too many. */
export function tripsInWords(trips: readonly RoundTrip[]): string {
  return trips
    .map(({ requests, toPods }, index) => {
      const lines = requests.map(({ method, path }) => `     ${method} ${path}`);
      return [`${index + 1}. ${requests.length} requests, ${toPods} times to pods`, ...lines].join('\n');
    })
    .join('\n');
}
