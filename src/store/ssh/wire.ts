/** What an SSH wire format holds is not as it should be; `message` says what, and quotes nothing of it. */
export class MalformedSsh extends Error {}

/** Reads the data types of the SSH protocol (RFC 4251, section 5). @throws MalformedSsh at the end of the data. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** "uint32" */
  number(): number {
    return this.take(4).readUInt32BE();
  }

  /** "string": bytes after their length. */
  bytes(): Buffer {
    return this.take(this.number());
  }

  /** "string" of text. */
  text(): string {
    return this.bytes().toString('utf8');
  }

  /** As many bytes, without a length before them. */
  take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new MalformedSsh('it ends too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** All that is left. */
  rest(): Buffer {
    return this.take(this.#bytes.length - this.#at);
  }
}

/** "string"s (RFC 4251, section 5), one after the other. */
export function wireStrings(...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.flatMap((part) => [wireNumber(Buffer.byteLength(part)), Buffer.from(part)]));
}

/** "uint32" */
export function wireNumber(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
