/** glibc hands out so much from the system directly, and gives it back; smaller pieces leave holes in its heap. */
const ARENA_SIZE = 256 * 1024;

/**
 * Keeps many small texts of about the same life in few large pieces of memory. Small Buffers share Node's pool
 * with passing ones, so that each of them could keep a multiple of itself from being freed.
 */
export class BufferArena {
  #arena = Buffer.alloc(0);
  #used = 0;

  /** A copy of the parts, one after the other. */
  keep(parts: readonly Uint8Array[]): Buffer {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    // Memory of which nothing was written yet takes nothing from the machine.
    if (length > this.#arena.length - this.#used) {
      this.#arena = Buffer.allocUnsafeSlow(Math.max(length, ARENA_SIZE));
      this.#used = 0;
    }
    const start = this.#used;
    for (const part of parts) {
      this.#arena.set(part, this.#used);
      this.#used += part.length;
    }
    return this.#arena.subarray(start, this.#used);
  }
}
