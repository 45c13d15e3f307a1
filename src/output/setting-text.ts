import { sizeInWords } from './byte-size.ts';

/** Keys of `stats settings` that are bytes (memcached.c, process_stat_settings). */
const IN_BYTES: ReadonlySet<string> = new Set(['maxbytes', 'item_size_max', 'slab_chunk_max']);

/** A setting's value for a person: what memcached says, and for a size what people call it: "67108864 (64 MiB)"; "(none)". */
export function settingText(key: string, value: string | undefined): string {
  if (value === undefined) return '(none)';
  const size = spoken(key, value);
  return size === undefined ? value : `${value} (${size})`;
}

/**
 * What several pods say of one setting: "67108864 (64 MiB)", or "67108864 (64 MiB, 2 pods), 33554432 (32 MiB, 1 pod)" where
 * they disagree.
 */
export function saidText(key: string, said: readonly { value: string; pods: number }[]): string {
  const [first, ...others] = said;
  if (first === undefined) return '';
  if (others.length === 0) return settingText(key, first.value);
  return said
    .map(({ value, pods }) => {
      const many = `${pods} ${pods === 1 ? 'pod' : 'pods'}`;
      return `${value} (${[spoken(key, value) ?? [], many].flat().join(', ')})`;
    })
    .join(', ');
}

function spoken(key: string, value: string): string | undefined {
  if (!IN_BYTES.has(key) || !/^\d{4,15}$/.test(value)) return undefined;
  return sizeInWords(Number(value));
}
