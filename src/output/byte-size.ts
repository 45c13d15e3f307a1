const UNITS = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi'];

/** Bytes for a table, in Kubernetes' binary units, two or three digits: 812, 4.2Ki, 37Ki, 1.3Mi. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}`;
  let amount = bytes / 1024;
  let unit = 0;
  while (amount >= 1023.5 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  // 9.96 would round to "10.0".
  return `${amount < 9.95 ? amount.toFixed(1) : Math.round(amount)}${UNITS[unit]}`;
}

/** Bytes for a sentence: "812 bytes", "4.2 KiB", "64 MiB". */
export function sizeInWords(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  return `${formatBytes(bytes)
    .replace('.0', '')
    .replace(/[A-Z]i$/, ' $&')}B`;
}
