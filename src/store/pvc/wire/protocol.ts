/**
 * What a client and the server in the claim's pod say to each other, over one connection: requests in any number, each
 * with an `id` that its answers repeat. Answers come in any order. The first request is {@link HELLO}.
 *
 * | op | says | the answer says |
 * |---|---|---|
 * | hello | protocol, token (hex) | protocol |
 * | ping | | |
 * | list | filter: parts of an address | one answer a backup (told-backup.ts), with `more`, and one that ends it |
 * | look | address | is: folder, nothing, other |
 * | read | address, path, maximum, expected? | the file's bytes |
 * | fetch | address, budget | the backup as a listing tells it, with the bytes of as many files as the budget allows |
 * | size | address, path | size |
 * | paths | address | paths |
 * | note | address, removes?; verified.json as bytes | |
 * | begin | address | save: a number |
 * | file | save, path; the file's bytes | |
 * | commit | save, id, own: [path, size][]; their bytes in this order | taken |
 * | abort | save | |
 * | remove | address | |
 * | sweep | release: an address without id | |
 * | condition | | unwritable?, room?, leftovers |
 * | beside-write | release, path (release-files.ts); the file's bytes | |
 * | beside-read | release, path, maximum | there; the file's bytes |
 * | beside-list | release, folder | files: {path, bytes}[] |
 * | beside-remove | release, path | |
 *
 * An answer with `error` says what went wrong (wire-error.ts).
 */
export const OPS = [
  'ping',
  'list',
  'look',
  'read',
  'fetch',
  'size',
  'paths',
  'note',
  'begin',
  'file',
  'commit',
  'abort',
  'remove',
  'sweep',
  'condition',
  'beside-write',
  'beside-read',
  'beside-list',
  'beside-remove',
] as const;

export type Op = (typeof OPS)[number];

export const HELLO = 'hello';

/** Both ends have the same, or do not speak. */
export const PROTOCOL = 2;

/** Where the server listens, on the pod's own 127.0.0.1: a port-forward ends there. */
export const SERVER_PORT = 7411;

/** The command of the tool that is the server; no help shows it. */
export const SERVER_COMMAND = 'store-server';
