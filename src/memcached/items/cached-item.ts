/** An item of a cache with its value. Other people's data: never shown, never logged. */
export interface CachedItem {
  /** Its bytes, a character each (latin1). */
  key: string;
  value: Buffer;
  /** What the client said of it, 32 bits. */
  flags: number;
  /** How long it lives on, seconds; -1: for ever. */
  ttl: number;
}
