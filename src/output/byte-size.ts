const UNITS = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi'];

/** Bytes in Kubernetes' binary units, two or three digits: 812, 4.2Ki, 37Ki, 1.3Mi. */
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
