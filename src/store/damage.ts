/**
 * What is wrong with a backup, in one sentence. `list` shows it beside the backup, `open` makes it an error;
 * it never leaves the store as it is.
 */
export class Damage extends Error {}
