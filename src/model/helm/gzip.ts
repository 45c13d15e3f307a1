import { gunzipSync, gzipSync } from 'node:zlib';

/**
 * Node takes 16 KiB for what comes out of each of these, however small it is, and V8 lets them lie until it collects old objects: of
 * hundreds of records that is several times what they hold.
 */
const MOST_AT_ONCE = 64 * 1024;
/** So that what names a small size and is none (several members, say) does not come out in a million pieces. zlib takes 64 and more. */
const LEAST_AT_ONCE = 1024;

/** As small as gzip makes it. */
export function gzip(text: string): Buffer {
  // Of JSON and YAML a third is left, or less.
  return gzipSync(text, { level: 9, chunkSize: atOnce(text.length / 2) });
}

/** @throws ERR_BUFFER_TOO_LARGE above `maximum` bytes; Z_DATA_ERROR and the like where it is no gzip. */
export function gunzip(bytes: Buffer, maximum: number): Buffer {
  return gunzipSync(bytes, { maxOutputLength: maximum, chunkSize: atOnce(sizeOf(bytes)) });
}

/** What the bytes say at their end (RFC 1952, section 2.3.1, "ISIZE"), which may be wrong; and one byte more, so that the end shows. */
function sizeOf(bytes: Buffer): number {
  return bytes.length < 4 ? 0 : bytes.readUInt32LE(bytes.length - 4) + 1;
}

function atOnce(bytes: number): number {
  return Math.min(Math.max(Math.ceil(bytes), LEAST_AT_ONCE), MOST_AT_ONCE);
}
