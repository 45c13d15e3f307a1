/** How a value is printed by `stats settings`, given the text of a flag or of an -o option. */
export type Printed = (text: string) => string;

/** atoi(3): leading blanks, a sign, digits; what follows is ignored, and no digits are 0. */
export const integer: Printed = (text) => String(Number(/^\s*[-+]?\d+/.exec(text)?.[0] ?? 0));
export const text: Printed = (value) => value;
export const times =
  (factor: number): Printed =>
  (value) =>
    String(Number(integer(value)) * factor);
/** printf("%.Nf") of atof(3). */
export const decimals =
  (digits: number): Printed =>
  (value) =>
    (Number.parseFloat(value) || 0).toFixed(digits);
const fixed =
  (value: string): Printed =>
  () =>
    value;

const KIB = 1024;
const MIB = 1024 * 1024;

/**
 * -o NAME or -o NAME=VALUE: the settings it sets (memcached.c, subopts). Options without a setting
 * (modern, no_hashexpand, ext_path, ext_page_size, ext_threads) are not here; nor is slab_chunk_max, which
 * 1.6.18 prints as given and later versions in bytes.
 */
export const EXTENDED_OPTIONS: Record<string, Record<string, Printed>> = {
  maxconns_fast: { maxconns_fast: fixed('yes') },
  no_maxconns_fast: { maxconns_fast: fixed('no') },
  hashpower: { hashpower_init: integer },
  slab_reassign: { slab_reassign: fixed('yes') },
  no_slab_reassign: { slab_reassign: fixed('no') },
  slab_automove: { slab_automove: (value) => (value === '' ? '1' : integer(value)) },
  slab_automove_ratio: { slab_automove_ratio: decimals(2) },
  slab_automove_window: { slab_automove_window: integer },
  slab_automove_freeratio: { slab_automove_freeratio: decimals(3) },
  tail_repair_time: { tail_repair_time: integer },
  hash_algorithm: { hash_algorithm: text },
  lru_crawler: { lru_crawler: fixed('yes') },
  no_lru_crawler: { lru_crawler: fixed('no') },
  lru_crawler_sleep: { lru_crawler_sleep: integer },
  lru_crawler_tocrawl: { lru_crawler_tocrawl: integer },
  lru_maintainer: { lru_maintainer_thread: fixed('yes'), lru_segmented: fixed('yes') },
  no_lru_maintainer: { lru_maintainer_thread: fixed('no'), lru_segmented: fixed('no') },
  hot_lru_pct: { hot_lru_pct: integer },
  warm_lru_pct: { warm_lru_pct: integer },
  hot_max_factor: { hot_max_factor: decimals(2) },
  warm_max_factor: { warm_max_factor: decimals(2) },
  temporary_ttl: { temp_lru: fixed('yes'), temporary_ttl: integer },
  idle_timeout: { idle_timeout: integer },
  watcher_logbuf_size: { watcher_logbuf_size: times(KIB) },
  worker_logbuf_size: { worker_logbuf_size: times(KIB) },
  read_buf_mem_limit: { read_buf_mem_limit: times(MIB) },
  track_sizes: { track_sizes: fixed('yes') },
  inline_ascii_resp: { inline_ascii_response: fixed('yes') },
  no_inline_ascii_resp: { inline_ascii_response: fixed('no') },
  ext_wbuf_size: { ext_wbuf_size: times(MIB) },
  ext_item_size: { ext_item_size: integer },
  ext_item_age: { ext_item_age: integer },
  ext_low_ttl: { ext_low_ttl: integer },
  ext_recache_rate: { ext_recache_rate: integer },
  ext_compact_under: { ext_compact_under: integer },
  ext_drop_under: { ext_drop_under: integer },
  ext_max_sleep: { ext_max_sleep: integer },
  ext_max_frag: { ext_max_frag: decimals(2) },
  ext_drop_unread: { ext_drop_unread: fixed('yes') },
  ssl_chain_cert: { ssl_chain_cert: text },
  ssl_key: { ssl_key: text },
  ssl_ciphers: { ssl_ciphers: text },
  ssl_ca_cert: { ssl_ca_cert: text },
  ssl_wbuf_size: { ssl_wbuf_size: times(KIB) },
};
